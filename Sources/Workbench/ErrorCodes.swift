import Markup

/// What each error code means, with a line that leads to it and one that does not: `:why E203` runs both.
///
/// A code is stable for ever. 1xx is the text of a line, 2xx its evaluation, 3xx a builtin of the workbench, 4xx a
/// command. A new code is one row here and one file in `Tests/Errors`; tests fail while either is missing.
package struct ErrorCode: Sendable {
  package let code: String
  /// What happened, in a few words.
  package let title: Phrase
  /// Why it is an error, and what to do.
  package let explanation: Phrase
  /// Lines of which the last leads to the error.
  package let bad: [String]
  /// Lines that do what was meant.
  package let good: [String]
  /// What must be true of the session for the error to come up, where a line alone does not lead to it.
  package var cause: Cause = .line

  package enum Cause: Sendable { case line, interrupt, timeout, file }

  init(
    _ code: String, _ title: Phrase, _ explanation: Phrase, bad: [String], good: [String] = [], cause: Cause = .line
  ) {
    self.code = code
    self.title = title
    self.explanation = explanation
    self.bad = bad
    self.good = good
    self.cause = cause
  }
}

package enum ErrorCodes {
  package static subscript(code code: String) -> ErrorCode? {
    let wanted = code.uppercased()
    return table.first { $0.code == wanted }
  }

  /// Codes that never reach a learner: they are raised and caught while a formula is made. Kept out of use.
  static let inner: Set<String> = ["E213"]

  package static let table: [ErrorCode] = text + evaluation + workbench + commands

  // MARK: The text of a line

  private static let text: [ErrorCode] = [
    ErrorCode(
      "E101", Phrase(en: "a character the language does not use", zh: "语言里不用的字符"),
      Phrase(
        en:
          "Full-width signs and digits read as their plain twins, （1＋2）×3; other marks have no meaning outside quotes.",
        zh: "全角符号和数字等同于半角，如 （1＋2）×3；其他符号在引号之外没有含义。"),
      bad: ["3 $ 4"], good: ["（1＋2）×3"]),
    ErrorCode(
      "E102", Phrase(en: "an invisible or broken character", zh: "看不见或损坏的字符"),
      Phrase(
        en: "It usually comes with a paste. Nothing that cannot be seen may change what a line means.",
        zh: "多半是粘贴时带来的。看不见的东西不应改变一行的含义。"),
      bad: ["1 +\u{200B} 2"], good: ["1 + 2"]),
    ErrorCode(
      "E103", Phrase(en: "a bracket without its partner", zh: "括号不成对"),
      Phrase(
        en:
          "Round, square and curly brackets and the bars of |x| come in pairs; the caret shows the one that is alone.",
        zh: "圆括号、方括号、花括号以及 |x| 的竖线都要成对；尖号指着落单的那一个。"),
      bad: ["mse([1, 2], [2, 3]"], good: ["mse([1, 2], [2, 3])"]),
    ErrorCode(
      "E104", Phrase(en: "a text that is not finished, or an escape that is none", zh: "文本没有写完，或转义不对"),
      Phrase(
        en:
          "A text stands between two quotes. Inside, \\n is a new line, \\t a tab, \\\" a quote and \\\\ a backslash.",
        zh: "文本写在一对引号之间。其中 \\n 是换行，\\t 是制表符，\\\" 是引号，\\\\ 是反斜杠。"),
      bad: ["load(\"mpg.csv)"], good: ["count(load(\"mpg.csv\"))"]),
    ErrorCode(
      "E105", Phrase(en: "a number too large to hold", zh: "数太大，放不下"),
      Phrase(
        en: "Numbers are 64-bit floats: about 16 digits, up to 1.8e308. Beyond that there is only inf.",
        zh: "数都是 64 位浮点数：约 16 位有效数字，最大约 1.8e308。再大就只有 inf。"),
      bad: ["1e999"], good: ["inf > 1e308"]),
    ErrorCode(
      "E106", Phrase(en: "nested too deeply, or too long", zh: "嵌套太深，或太长"),
      Phrase(
        en: "200 brackets inside each other is the limit. Give the inner part a name and use the name.",
        zh: "括号最多嵌套 200 层。给里面的部分起个名字，再用这个名字。"),
      bad: [String(repeating: "(", count: 201) + "1" + String(repeating: ")", count: 201)],
      good: ["a = 1 + 2", "a * 3"]),
    ErrorCode(
      "E107", Phrase(en: "something is missing or too much", zh: "缺了东西，或多了东西"),
      Phrase(
        en: "The caret stands where the line stopped making sense; what should be there is in the message.",
        zh: "尖号指着读不下去的地方；消息里说了那里应该是什么。"),
      bad: ["2 * / 3"], good: ["2 / 3"]),
    ErrorCode(
      "E108", Phrase(en: "two things side by side", zh: "两样东西并排"),
      Phrase(
        en:
          "It could be a product or a call, and losslab does not guess: w*x multiplies, f(x) calls. A number may touch a name: 2x.",
        zh: "可能是相乘，也可能是调用，这里不猜：w*x 是相乘，f(x) 是调用。数可以紧挨名字：2x。"),
      bad: ["w = 3", "x = 2", "w x"], good: ["w*x"]),
    ErrorCode(
      "E109", Phrase(en: "two readings of a fraction or a power", zh: "分式或幂有两种读法"),
      Phrase(
        en: "1/2x could be (1/2)·x or 1/(2x): books disagree, so write the one you mean.",
        zh: "1/2x 可以是 (1/2)·x，也可以是 1/(2x)。各书写法不一，请写明白。"),
      bad: ["x = 4", "1/2x"], good: ["1/2*x", "1/(2*x)"]),
    ErrorCode(
      "E110", Phrase(en: "something that cannot stand left of =", zh: "不能放在 = 左边"),
      Phrase(
        en: "`=` gives a name a value: w = 3, f(x) = x^2. `==` asks whether two values are equal.",
        zh: "`=` 给名字赋值：w = 3，f(x) = x^2。`==` 才是比较两个值。"),
      bad: ["2 + 1 = 3"], good: ["2 + 1 == 3"]),
    ErrorCode(
      "E111", Phrase(en: "a parameter given twice", zh: "参数给了两次"),
      Phrase(
        en: "In one list of parameters or arguments each name stands once.", zh: "同一列参数里，每个名字只出现一次。"),
      bad: ["f(x, x) = x"], good: ["f(x, y) = x + y"]),
    ErrorCode(
      "E112", Phrase(en: "LaTeX that has no reading here", zh: "这里读不了的 LaTeX"),
      Phrase(
        en:
          "Formulas pasted as LaTeX are read as mathematics: fractions, sums, Greek letters, norms. This one has no reading.",
        zh: "粘贴的 LaTeX 公式会按数学来读：分式、求和、希腊字母、范数。这个命令在这里没有读法。"),
      bad: ["\\boldmath{2}"], good: ["\\frac{1}{2} + \\sqrt{4}"]),
  ]

  // MARK: Evaluation

  private static let evaluation: [ErrorCode] = [
    ErrorCode(
      "E201", Phrase(en: "a name without a value", zh: "名字没有值"),
      Phrase(
        en: "Nothing of that name was defined and none is built in. :vars lists yours, :search finds by meaning.",
        zh: "没有定义过这个名字，也不是自带的。:vars 列出你定义的名字，:search 按意思查找。"),
      bad: ["hubr(1, 2)"], good: ["huber(1, 2)"]),
    ErrorCode(
      "E202", Phrase(en: "a call with the wrong arguments", zh: "调用的参数不对"),
      Phrase(
        en: "Too many, too few, or a name the function does not have. ?name shows the parameters.",
        zh: "参数多了、少了，或用了函数没有的参数名。?名字 可查看参数。"),
      bad: ["huber(1, 2, dleta=3)"], good: ["huber(1, 2, delta=3)"]),
    ErrorCode(
      "E203", Phrase(en: "shapes that do not fit", zh: "形状不一致"),
      Phrase(
        en:
          "Elementwise operations pair elements by position, so both sides need the same length (or one of them a single number). Here one element has no partner.",
        zh: "逐元素运算按位置配对，所以两边长度要相同（或其中一边是一个数）。这里有元素没有对应。"),
      bad: ["mse([1,2,3], [2,3])"], good: ["mse([1,2,3], [2,3,4])"]),
    ErrorCode(
      "E204", Phrase(en: "both sides would be stretched", zh: "两边都会被拉伸"),
      Phrase(
        en:
          "[n,1] with [n] would silently make an n×n table. That bug hides in much training code: the loss looks right and is not. So it is an error here.",
        zh: "[n,1] 与 [n] 相减会悄悄变成 n×n 的表。很多训练代码里藏着这个错误：损失看着正常，其实不对。所以这里直接报错。"),
      bad: ["zeros(3,1) - [1,2,3]"], good: ["flatten(zeros(3,1)) - [1,2,3]"]),
    ErrorCode(
      "E205", Phrase(en: "a value of the wrong kind", zh: "值的种类不对"),
      Phrase(
        en:
          "A number, a vector, a function and a table each have their places; the message says which is wanted and which was found.",
        zh: "数、向量、函数、数据表各有用处；消息里说了需要哪一种，实际是哪一种。"),
      bad: ["grad 3"], good: ["f(w) = w^2", "(grad f)(3)"]),
    ErrorCode(
      "E206", Phrase(en: "a part that is not there", zh: "没有这个部分"),
      Phrase(
        en: "Records, tables and traces have named parts after a dot: t.loss, m.weight. TAB after the dot lists them.",
        zh: "记录、数据表和轨迹有具名的部分，写在点号后面：t.loss、m.weight。点号后按 TAB 可列出。"),
      bad: ["m = load(\"mpg.csv\")", "m.wieght"], good: ["mean(m.weight)"]),
    ErrorCode(
      "E207", Phrase(en: "an axis that is not there", zh: "没有这个轴"),
      Phrase(
        en: "Axes count from 1, like every index: axis=1 runs down the rows, axis=2 along each row.",
        zh: "轴和下标一样从 1 数起：axis=1 沿各行向下，axis=2 沿每一行向右。"),
      bad: ["mean([1,2;3,4], axis=0)"], good: ["mean([1,2;3,4], axis=1)"]),
    ErrorCode(
      "E208", Phrase(en: "an index out of range", zh: "下标超出范围"),
      Phrase(
        en: "Indices count from 1, as Σ from i = 1 to n does; the last is the length.",
        zh: "下标从 1 数起，和 Σ 从 i = 1 到 n 一样；最后一个等于长度。"),
      bad: ["[1,2,3][0]"], good: ["[1,2,3][1]"]),
    ErrorCode(
      "E209", Phrase(en: "a size that is not possible", zh: "大小不合适"),
      Phrase(
        en: "The mean of nothing, a negative length, half a step: such sizes have no meaning.",
        zh: "空向量的平均值、负的长度、半步：这样的大小没有意义。"),
      bad: ["mean([])"], good: ["mean([1, 2])"]),
    ErrorCode(
      "E210", Phrase(en: "more than memory should hold", zh: "超出内存上限"),
      Phrase(
        en: "The size is known before anything is allocated; nothing was, and everything is as it was.",
        zh: "分配之前就知道大小；什么都没有分配，一切照旧。"),
      bad: ["zeros(1e9)"], good: ["count(zeros(1e3))"]),
    ErrorCode(
      "E211", Phrase(en: "a function that calls itself without end", zh: "函数没完没了地调用自己"),
      Phrase(
        en: "A function may call itself, but some case must give a value without doing so.",
        zh: "函数可以调用自己，但总要有一种情况不再调用就给出值。"),
      bad: ["f(n) = n * f(n - 1)", "f(5)"], good: ["f(n) = if n == 0 then 1 else n * f(n - 1)", "f(5)"]),
    ErrorCode(
      "E212", Phrase(en: "no gradient of this", zh: "没有这样的梯度"),
      Phrase(
        en:
          "A gradient is of a function that gives one number, with respect to one of its parameters: of mse, not of the residuals.",
        zh: "梯度是对结果为一个数的函数、关于它的某个参数求的：是 mse，不是残差。"),
      bad: ["(x -> [x, x])'(1)"], good: ["(x -> sum([x, x]))'(1)"]),
    ErrorCode(
      "E214", Phrase(en: "a Σ that knows no end", zh: "Σ 不知道到哪里为止"),
      Phrase(
        en:
          "Σ_i runs over the common length of what is indexed by i; without any y[i] there is none. Or write both ends.",
        zh: "Σ_i 的范围是以 i 为下标的量的共同长度；没有任何 y[i] 就没有范围。也可以把两端写出来。"),
      bad: ["Σ_i (i^2)"], good: ["Σ_{i=1}^4 i^2"]),
    ErrorCode(
      "E215", Phrase(en: "a column with missing values", zh: "有缺失值的列"),
      Phrase(
        en: "It is not numbers until you decide what to do with the gaps; nothing is filled in silently.",
        zh: "在你决定如何处理缺失之前，它不能当作数；不会悄悄填上。"),
      bad: ["m = load(\"mpg.csv\")", "m.horsepower"],
      good: ["m = load(\"mpg.csv\")", "mean(drop_missing(m).horsepower)"]),
    ErrorCode(
      "E216", Phrase(en: "a column of texts", zh: "一列文本"),
      Phrase(
        en: "Words are not numbers. Take a column of numbers, or give each word a number in the file.",
        zh: "文字不是数。请取数值列，或在文件里先给每个词编号。"),
      bad: ["m = load(\"mpg.csv\")", "m.origin"], good: ["m = load(\"mpg.csv\")", "mean(m.weight)"]),
    ErrorCode(
      "E217", Phrase(en: "a value that is not known yet", zh: "还不知道的值"),
      Phrase(
        en:
          "code and latex follow a function while its parameters have no values. Then no size may depend on them, nor anything else that has to be known at once.",
        zh: "code 和 latex 展开函数时，参数还没有值。数组的大小等必须马上知道的东西，这时不能由参数决定。"),
      bad: ["code(n -> sum(zeros(n)), \"numpy\")"], good: ["code(x -> sum(x + zeros(3)), \"numpy\")"]),
    ErrorCode(
      "E218", Phrase(en: "a matrix that has no answer to this", zh: "矩阵不满足条件"),
      Phrase(
        en: "A singular matrix has no inverse, cholesky wants a positive definite one, eigenvalues a symmetric one.",
        zh: "奇异矩阵没有逆，cholesky 要求正定，eigenvalues 要求对称。"),
      bad: ["inverse([1,2; 2,4])"], good: ["inverse([1,2; 3,4])"]),
    ErrorCode(
      "E219", Phrase(en: "no code for this in that language", zh: "那种语言写不出这个"),
      Phrase(
        en: "Code is written operation by operation; the other language has no words for this one.",
        zh: "代码是按运算逐个写出的；另一种语言没有对应的写法。"),
      bad: ["code(x -> digamma(x), \"swift\")"], good: ["code(x -> digamma(x), \"numpy\")"]),
    ErrorCode(
      "E230", Phrase(en: "labels or probabilities in another encoding", zh: "标签或概率的写法不对"),
      Phrase(
        en:
          "Each loss takes one encoding, never guessed from the data: bce labels 0 and 1, margins -1 and 1, classes from 1; plain names take probabilities, names with `logits` raw scores.",
        zh: "每个损失只认一种写法，从不看数据猜：bce 的标签是 0 和 1，间隔类损失是 -1 和 1，类别从 1 数起；不带 logits 的名字要概率，带 logits 的要得分。"),
      bad: ["bce([0.9, 0.2], [1, -1])"], good: ["bce([0.9, 0.2], [1, 0])"]),
    ErrorCode(
      "E290", Phrase(en: "stopped by Ctrl-C", zh: "被 Ctrl-C 停止"),
      Phrase(
        en: "You pressed Ctrl-C; everything is as it was before the line.", zh: "你按了 Ctrl-C；一切恢复到这一行之前。"),
      bad: ["repeat 1000000000 { w = 1 }"], good: ["repeat 10 { w = 1 }"], cause: .interrupt),
    ErrorCode(
      "E291", Phrase(en: "stopped by the time limit", zh: "到了时间上限"),
      Phrase(
        en: "The line ran longer than :set timeout (or --timeout) allows; everything is as it was before it.",
        zh: "这一行运行的时间超过了 :set timeout（或 --timeout）的上限；一切恢复到这一行之前。"),
      bad: ["repeat 1000000000 { w = 1 }"], good: ["repeat 10 { w = 1 }"], cause: .timeout),
    ErrorCode(
      "E292", Phrase(en: "more memory than the limit", zh: "超过内存上限"),
      Phrase(
        en:
          "The arrays of this line would need more memory than it may have; nothing was allocated. :set memory moves the limit, which is half of the machine's memory at first.",
        zh: "这一行的数组需要的内存超过上限，因此什么都没有分配。:set memory 可以调整上限，初始值是机器内存的一半。"),
      bad: [":set memory 16M", "sum(rand(3000000))"], good: ["sum(rand(300))"]),
  ]

  // MARK: Descents, data

  private static let workbench: [ErrorCode] = [
    ErrorCode(
      "E301", Phrase(en: "a rate or a factor out of range", zh: "学习率或系数超出范围"),
      Phrase(
        en: "The learning rate is a positive number, momentum one from 0 to 1.", zh: "学习率是正数，动量在 0 到 1 之间。"),
      bad: ["descend(w -> w^2, w=1, rate=-1)"], good: ["descend(w -> w^2, w=1, rate=0.1, steps=1)"]),
    ErrorCode(
      "E302", Phrase(en: "a descent that does not know where to start", zh: "下降不知道从哪里开始"),
      Phrase(
        en: "Name what is learned with its starting value, w=0; every other parameter needs a value or data.",
        zh: "写出要学习的参数和起始值，如 w=0；其余参数要有值，或来自 data=。"),
      bad: ["descend(w -> w^2)"], good: ["descend(w -> w^2, w=1, steps=1)"]),
    ErrorCode(
      "E303", Phrase(en: "a step that the trace does not have", zh: "轨迹里没有这一步"),
      Phrase(
        en: "steps shows what a step did, so the trace needs one; t.steps says how many it has.",
        zh: "steps 展示某一步做了什么，所以轨迹至少要有一步；t.steps 是步数。"),
      bad: ["t = descend(w -> w^2, w=1, steps=0)", "steps(t, 1)"],
      good: ["t = descend(w -> w^2, w=1, steps=2)", "steps(t, 0)"]),
    ErrorCode(
      "E304", Phrase(en: "a file that cannot be read", zh: "文件无法读取"),
      Phrase(
        en:
          "Names are looked up among the data that comes with losslab, then in the working folder. TAB inside the quotes lists both.",
        zh: "先在自带数据里找，再在当前文件夹里找。在引号里按 TAB 可列出两者。"),
      bad: ["load(\"mgp.csv\")"], good: ["count(load(\"mpg.csv\"))"]),
    ErrorCode(
      "E305", Phrase(en: "a file that is not the table it should be", zh: "文件不是规整的表"),
      Phrase(
        en: "Every row of a CSV file has as many cells as its header; the message names the line and the cell.",
        zh: "CSV 文件每一行的格数要和表头相同；消息里写明了行和格。"),
      bad: ["load(\"broken.csv\")"], good: ["count(load(\"mpg.csv\"))"], cause: .file),
    ErrorCode(
      "E306", Phrase(en: "a file that is not written", zh: "文件没有写入"),
      Phrase(
        en:
          "The name's ending says the format: svg, csv, json or txt. A file that is there already is not replaced unless you say so.",
        zh: "文件名的后缀决定格式：svg、csv、json 或 txt。已有的文件不会被覆盖，除非你要求。"),
      bad: ["save([1, 2], \"numbers.doc\")"], good: ["[1, 2]"]),
    ErrorCode(
      "E307", Phrase(en: "a graph too large to read", zh: "计算图太大，看不清"),
      Phrase(
        en: "A computational graph is drawn operation by operation. Draw a part of the function, or derive it.",
        zh: "计算图逐个运算画出。请只画函数的一部分，或改用求导步骤。"),
      bad: ["f(w) = sum(map(k -> sin(k*w), 1..80))", "graph(f, w=1)"], good: ["g(w) = sin(2*w)^2", "graph(g, w=1)"]),
  ]

  // MARK: Commands

  private static let commands: [ErrorCode] = [
    ErrorCode(
      "E401", Phrase(en: "a command that does not exist", zh: "没有这个命令"),
      Phrase(en: "Commands start with `:`; :help lists them.", zh: "命令以 `:` 开头；:help 列出全部。"),
      bad: [":hlep"], good: [":lang en"]),
    ErrorCode(
      "E402", Phrase(en: "a command with the wrong argument", zh: "命令的参数不对"),
      Phrase(
        en: "What a command takes stands in :help; TAB after it lists what is possible.",
        zh: "命令需要什么，见 :help；命令后按 TAB 可列出可选项。"),
      bad: [":set digits 99"], good: [":set digits 9"]),
    ErrorCode(
      "E403", Phrase(en: "a family that the catalogue does not have", zh: "目录里没有这一族"),
      Phrase(en: ":catalogue lists the families of losses.", zh: ":catalogue 列出损失函数的各个族。"),
      bad: [":catalogue nothing"], good: [":catalogue regression"]),
  ]
}
