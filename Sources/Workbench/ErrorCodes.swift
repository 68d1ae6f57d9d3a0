import Markup

/// What each error code means, with an example: `:why E203`.
enum ErrorCodes {
  static let table: [String: Phrase] = [
    "E101": Phrase(
      en: "A character the language does not use. Full-width signs are fine: （1＋2）×3.",
      zh: "语言里不用的字符。全角符号没有问题：（1＋2）×3。"),
    "E102": Phrase(
      en: "An invisible or broken character, often from a paste. Nothing invisible may change what a line means.",
      zh: "看不见或损坏的字符，多半来自粘贴。看不见的东西不应改变一行的含义。"),
    "E103": Phrase(en: "Brackets come in pairs: mse([1,2], [2,3]).", zh: "括号要成对：mse([1,2], [2,3])。"),
    "E104": Phrase(en: "A text stands between two quotes: load(\"mpg.csv\").", zh: "文本写在一对引号之间：load(\"mpg.csv\")。"),
    "E105": Phrase(en: "Numbers are 64-bit floats, up to 1.8e308.", zh: "数都是 64 位浮点数，最大约 1.8e308。"),
    "E106": Phrase(en: "Too many brackets inside brackets. Name the inner parts.", zh: "括号嵌套太多。给里面的部分起名字。"),
    "E107": Phrase(en: "Something is missing or too much at the caret.", zh: "尖号处缺了东西，或多了东西。"),
    "E108": Phrase(
      en: "Two things side by side could be a product or a call. w*x multiplies, f(x) calls; 2x is fine.",
      zh: "两样东西并排，可能是相乘也可能是调用。w*x 是相乘，f(x) 是调用；2x 没问题。"),
    "E109": Phrase(
      en: "1/2x could be (1/2)·x or 1/(2x): books disagree, so write the one you mean.",
      zh: "1/2x 可以是 (1/2)·x，也可以是 1/(2x)。各书写法不一，请写明白。"),
    "E110": Phrase(
      en: "`=` gives a name a value: w = 3, f(x) = x^2. `==` compares.", zh: "`=` 给名字赋值：w = 3，f(x) = x^2。`==` 才是比较。"),
    "E111": Phrase(en: "A name stands twice where it may stand once.", zh: "同一个名字只能出现一次。"),
    "E112": Phrase(
      en: "Formulas pasted as LaTeX are read as mathematics; this command has no reading here.",
      zh: "粘贴的 LaTeX 公式会按数学来读，但这个命令在这里没有读法。"),
    "E201": Phrase(en: "A name has no value yet.", zh: "这个名字还没有值。"),
    "E202": Phrase(
      en: "A call with too many, too few or misnamed arguments. ?mse shows the parameters.",
      zh: "参数多了、少了或名字不对。?mse 可查看参数。"),
    "E203": Phrase(
      en: "Elementwise operations need equal shapes. [1,2,3] - [2,3] has no partner for the 3.",
      zh: "逐元素运算要求形状相同。[1,2,3] - [2,3] 里有一个元素没有对应。"),
    "E204": Phrase(
      en:
        "[n,1] with [n] would silently make an n×n table; that bug hides in much training code, so it is an error here.",
      zh: "[n,1] 与 [n] 相减会悄悄变成 n×n 的表。很多训练代码里藏着这个错误，所以这里直接报错。"),
    "E205": Phrase(en: "This kind of value cannot be used there.", zh: "这种值不能用在那里。"),
    "E206": Phrase(en: "Records, tables and traces have named parts: t.loss.", zh: "记录、数据表和轨迹有具名的部分：t.loss。"),
    "E207": Phrase(en: "axis=1 runs down the rows, axis=2 along each row.", zh: "axis=1 沿各行向下，axis=2 沿每一行向右。"),
    "E208": Phrase(en: "Indices count from 1, as Σ does.", zh: "下标和 Σ 一样从 1 数起。"),
    "E209": Phrase(
      en: "The kind of value is right, its size is not: too small, too large, or not whole.",
      zh: "值的种类没错，大小不合要求：太小、太大，或不是整数。"),
    "E210": Phrase(en: "The result would not fit in memory; nothing was allocated.", zh: "结果放不进内存；什么都没有分配。"),
    "E211": Phrase(en: "A function called itself without end.", zh: "函数没完没了地调用自己。"),
    "E212": Phrase(
      en: "Gradients are of functions that give one number: mse, not the residuals.", zh: "只有结果是一个数的函数才有梯度：是 mse，不是残差。"),
    "E213": Phrase(
      en: "Something between the variable and the result has no derivative.", zh: "从变量到结果的路上，有一步没有导数。"),
    "E214": Phrase(
      en: "Σ_i needs something with the index i, or bounds: Σ_{i=1}^10 i^2.",
      zh: "Σ_i 需要带下标 i 的东西，或写出上下限：Σ_{i=1}^10 i^2。"),
    "E215": Phrase(
      en: "A column with missing values is not numbers until you decide what to do.", zh: "有缺失值的列，在你决定如何处理之前不能当作数。"),
    "E218": Phrase(
      en:
        "The matrix has no answer to this question: a singular one has no inverse, cholesky wants a positive definite one, eigenvalues a symmetric one.",
      zh: "矩阵不满足条件：奇异矩阵没有逆，cholesky 要求正定，eigenvalues 要求对称。"),
    "E216": Phrase(
      en: "A column of texts has no arithmetic; its cells can be compared and counted.",
      zh: "文本列不能做算术。"),
    "E217": Phrase(
      en: "A formula is being made without numbers, and something in it needs one to go on.",
      zh: "这里在不代入数值的情况下求公式，但其中一步要有数值才能继续。"),
    "E219": Phrase(
      en: "Code is written operation by operation; the other language has no words for this one.",
      zh: "代码是按运算逐个写出的；另一种语言没有对应的写法。"),
    "E230": Phrase(
      en:
        "Each loss takes one encoding, never guessed from the data: bce labels 0 and 1, margins -1 and 1, classes from 1; plain names take probabilities, names with `logits` raw scores.",
      zh: "每个损失只认一种写法，从不看数据猜：bce 的标签是 0 和 1，间隔类损失是 -1 和 1，类别从 1 数起；不带 logits 的名字要概率，带 logits 的要得分。"),
    "E290": Phrase(en: "You pressed Ctrl-C; everything is as it was before the line.", zh: "你按了 Ctrl-C；一切恢复到这一行之前。"),
    "E291": Phrase(en: "The line took longer than it may; nothing changed.", zh: "这一行运行超时；什么都没有改变。"),
    "E292": Phrase(
      en:
        "The arrays of this line would need more memory than it may have; nothing was allocated. :set memory 8G moves the limit, which is half of the machine's memory at first.",
      zh: "这一行的数组需要的内存超过上限，因此什么都没有分配。:set memory 8G 可以调整上限，初始值是机器内存的一半。"),
    "E301": Phrase(
      en: "Optimizers have settings within bounds: a rate is positive, a momentum below 1.",
      zh: "优化器的设置有范围：学习率为正，动量小于 1。"),
    "E302": Phrase(
      en: "descend(L, w=0) names what is learned and where it starts.", zh: "descend(L, w=0) 要写明学哪个参数、从哪里开始。"),
    "E303": Phrase(en: "A trace without steps has nothing to show.", zh: "没有步骤的轨迹没有可看的。"),
    "E304": Phrase(en: "A file is not there, or is none that can be read.", zh: "文件不存在，或不是能读的文件。"),
    "E305": Phrase(en: "A table has a line that does not fit its header.", zh: "数据表里有一行与表头对不上。"),
    "E306": Phrase(en: "A file could not be written.", zh: "文件写不进去。"),
    "E307": Phrase(
      en: "A graph with too many operations cannot be read; draw it for fewer elements.",
      zh: "运算太多的计算图没法看；请用少一点的元素来画。"),
    "E401": Phrase(en: "Lines that start with `:` are commands; :help lists them.", zh: "以 `:` 开头的是命令；:help 列出全部。"),
    "E402": Phrase(en: "The command is known, what follows it is not.", zh: "命令认得，后面的内容不认得。"),
    "E403": Phrase(en: ":catalogue lists the families of losses.", zh: ":catalogue 列出损失函数的各个族。"),
  ]
}
