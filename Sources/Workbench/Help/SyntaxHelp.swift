import Markup

/// What the signs and words of the language mean: one row each, with lines that show it.
struct SyntaxHelp: Sendable {
  let sign: String
  /// Other ways to type the same.
  let spellings: [String]
  let summary: Phrase
  let examples: [String]

  var isWord: Bool {
    sign.unicodeScalars.allSatisfy { $0.properties.isAlphabetic } && sign.utf8.count > 1
      && sign.utf8.allSatisfy { $0 < 0x80 }
  }

  private init(_ sign: String, _ spellings: [String] = [], _ summary: Phrase, _ examples: String...) {
    self.sign = sign
    self.spellings = spellings
    self.summary = summary
    self.examples = examples
  }

  static func entry(_ sign: String) -> SyntaxHelp? {
    entries.first { $0.sign == sign || $0.spellings.contains(sign) }
  }

  static let entries: [SyntaxHelp] = [
    SyntaxHelp(
      "+", ["＋"], Phrase(en: "adds, element by element", zh: "相加，逐元素"), "1 + 2", "[1,2,3] + 10"),
    SyntaxHelp(
      "-", ["−", "－"], Phrase(en: "subtracts or negates; -2^2 is -(2^2)", zh: "相减或取负；-2^2 是 -(2^2)"), "[3,4] - [1,1]",
      "-2^2"),
    SyntaxHelp(
      "*", ["×", "·", ".*"],
      Phrase(en: "multiplies, element by element; a matrix product is @", zh: "相乘，逐元素；矩阵乘法用 @"), "[1,2,3] * [4,5,6]",
      "2(1 + 2)"),
    SyntaxHelp(
      "/", ["÷", "./"], Phrase(en: "divides; by zero gives inf or nan with a note", zh: "相除；除以零得 inf 或 nan，并有说明"),
      "1/4", "[1,2] / 2"),
    SyntaxHelp("@", [], Phrase(en: "matrix and dot product", zh: "矩阵乘积、点积"), "[1,2; 3,4] @ [1,1]", "[1,2,3] @ [4,5,6]"),
    SyntaxHelp(
      "^", ["**", ".^", "²"],
      Phrase(en: "power; binds tighter than a minus before it and groups to the right", zh: "乘方；比前面的负号结合得紧，从右往左算"),
      "2^10", "x² + 1 where x = 3"),
    SyntaxHelp("√", [], Phrase(en: "square root", zh: "平方根"), "√16"),
    SyntaxHelp(
      "|", ["∣"], Phrase(en: "|x| is the magnitude, element by element", zh: "|x| 是绝对值，逐元素"), "|[-1, 2]|"),
    SyntaxHelp(
      "'", ["′", "’"],
      Phrase(en: "the derivative of a function of one parameter; the transpose of a matrix", zh: "一元函数的导数；矩阵的转置"),
      "f(x) = x^3", "f'(2)", "[1,2; 3,4]'"),
    SyntaxHelp(
      "|>", [], Phrase(en: "hands the value on the left to the function on the right", zh: "把左边的值交给右边的函数"),
      "[3,4] |> norm"),
    SyntaxHelp(
      "->", ["→", "↦"],
      Phrase(en: "a function without a name: x -> x^2, (a, b) -> a*b", zh: "没有名字的函数：x -> x^2，(a, b) -> a*b"),
      "map(x -> x^2, 1..4)"),
    SyntaxHelp(
      "=", ["＝"], Phrase(en: "gives a name a value, or defines a function", zh: "给名字赋值，或定义函数"), "w = 3",
      "f(x, k=2) = k*x", "f(5)"),
    SyntaxHelp(
      "==", ["!=", "≠"],
      Phrase(en: "asks whether two values are equal; ≠ or != whether they differ", zh: "比较是否相等；≠ 或 != 比较是否不等"),
      "2 + 1 == 3"),
    SyntaxHelp(
      "<", ["<=", "≤", ">", ">=", "≥"], Phrase(en: "compares, element by element", zh: "比较大小，逐元素"), "[1,2,3] <= 2"),
    SyntaxHelp(
      "..", ["step"], Phrase(en: "a range with both ends; `step` sets the distance", zh: "范围，两端都包含；step 指定间隔"),
      "sum(1..100)",
      "0..1 step 0.25"),
    SyntaxHelp(
      "[", ["]", ";"],
      Phrase(
        en: "a vector [1,2,3] or a matrix [1,2; 3,4]; behind a name an index, from 1",
        zh: "向量 [1,2,3] 或矩阵 [1,2; 3,4]；跟在名字后面是下标，从 1 数起"), "X = [1,2; 3,4]", "X[2,1]", "X[1,:]"),
    SyntaxHelp(
      ".", [], Phrase(en: "a part of a record, a table or a trace", zh: "记录、数据表或轨迹的一部分"),
      "t = descend(w -> w^2, w=1, steps=2)", "t.loss"),
    SyntaxHelp(
      "Σ", ["∑", "\\sum"],
      Phrase(
        en: "sums the whole product that follows, as in print; an unbound n is the common length",
        zh: "和书上一样，对其后的整个乘积求和；没有定义的 n 是共同长度"), "Σ ([1,2,3] - 1)^2", "Σ_{i=1}^4 i^2"),
    SyntaxHelp("Π", ["∏", "\\prod"], Phrase(en: "multiplies what Σ would add", zh: "连乘，用法同 Σ"), "Π_{i=1}^5 i"),
    SyntaxHelp(
      "∇", ["\\nabla"], Phrase(en: "the gradient of a function, like grad", zh: "函数的梯度，同 grad"),
      "∇mse at ([1,2], [3,3])"),
    SyntaxHelp(
      "∂", ["\\partial"], Phrase(en: "∂f/∂w is the derivative of f with respect to w", zh: "∂f/∂w 是 f 对 w 的导数"),
      "L(w, b) = (2w + b - 3)^2", "∂L/∂w at (1, 0)"),
    SyntaxHelp(
      "grad", [],
      Phrase(
        en: "grad f is a function: the gradient of f; `wrt` names the parameter, `at` the place",
        zh: "grad f 是一个函数：f 的梯度；wrt 指定参数，at 指定位置"), "L(w) = mse(w*[1,2,3], [2,4,6])", "grad L at 0.5"),
    SyntaxHelp(
      "wrt", [], Phrase(en: "with respect to: grad f wrt w", zh: "对哪个参数求：grad f wrt w"), "f(a, b) = a*b^2",
      "(grad f wrt b)(2, 3)"),
    SyntaxHelp("at", [], Phrase(en: "where a gradient is taken", zh: "在哪里求梯度"), "grad (x -> x^2) at 3"),
    SyntaxHelp(
      "if", ["then", "else"],
      Phrase(en: "if c then a else b; element by element when c is a vector", zh: "if c then a else b；c 是向量时逐元素选择"),
      "if 3 > 2 then 10 else 20"),
    SyntaxHelp(
      "and", ["or", "not"], Phrase(en: "both, either, the opposite", zh: "且、或、非"), "3 > 2 and not (1 == 2)"),
    SyntaxHelp(
      "where", [], Phrase(en: "names parts of the expression before it", zh: "给前面表达式里的部分起名"), "r^2/2 where r = 3 - 1"),
    SyntaxHelp(
      "repeat", [], Phrase(en: "runs lines so many times", zh: "把几行运行若干遍"), "w = 1", "repeat 10 { w = w - 0.1*2w }"),
    SyntaxHelp("true", ["false"], Phrase(en: "yes or no, 1 or 0 in arithmetic", zh: "真或假，计算时当作 1 或 0"), "true + true"),
    SyntaxHelp("ans", [], Phrase(en: "the value of the line before", zh: "上一行的结果"), "6 * 7", "ans + 1"),
    SyntaxHelp("#", ["＃"], Phrase(en: "a comment to the end of the line", zh: "注释，到行尾为止"), "1 + 1  # two"),
    SyntaxHelp(
      "\"", ["“", "”"], Phrase(en: "a text, such as a file name", zh: "文本，例如文件名"), "\"mpg.csv\""),
  ]
}
