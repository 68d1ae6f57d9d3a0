import Markup

/// What things from other languages and libraries are called here: the way out of an unknown name.
package enum ForeignNames {
  static func help(for name: String) -> Phrase? { words[name] ?? table[name.lowercased()] }

  /// Words that other languages begin a line with and this one has no need of, with what is written here.
  package static let words: [String: Phrase] = {
    let naming = Phrase(en: "a name gets its value by w = 3", zh: "给名字赋值直接写 w = 3")
    let function = Phrase(
      en: "a function is f(x) = x^2, or x -> x^2 without a name", zh: "函数写 f(x) = x^2；没有名字的写 x -> x^2")
    let loop = Phrase(en: "a loop is repeat 10 { w = w - 0.1*L'(w) }", zh: "循环写 repeat 10 { w = w - 0.1*L'(w) }")
    let module = Phrase(en: "nothing needs importing: type mse(…) at once", zh: "不需要导入，直接写 mse(…)")
    let vector = Phrase(en: "a vector is [1, 2, 3], a matrix [1, 2; 3, 4]", zh: "向量写 [1, 2, 3]，矩阵写 [1, 2; 3, 4]")
    return [
      "let": naming, "var": naming, "const": naming, "set": naming, "def": function, "lambda": function,
      "function": function, "func": function, "fn": function, "for": loop, "while": loop, "import": module,
      "from": module, "using": module, "array": vector, "tensor": vector, "list": vector, "vector": vector,
      "return": Phrase(en: "a function is worth its expression: f(x) = x^2", zh: "函数的值就是它的表达式：f(x) = x^2"),
      "True": Phrase(en: "it is written true", zh: "写作 true"),
      "False": Phrase(en: "it is written false", zh: "写作 false"),
      "None": Phrase(en: "leave out what has no value", zh: "没有值就不写"),
    ]
  }()

  private static func written(_ text: String) -> Phrase { Phrase(en: "here it is written \(text)", zh: "这里写作 \(text)") }

  private static let table: [String: Phrase] = [
    "print": Phrase(en: "the value of a line is shown by itself: type it alone", zh: "一行的值会自动显示，直接写它就行"),
    "println": Phrase(en: "the value of a line is shown by itself: type it alone", zh: "一行的值会自动显示，直接写它就行"),
    "range": written("0..10"), "arange": written("0..10 step 2"),
    "np": Phrase(en: "no prefix is needed: np.mean(x) is mean(x)", zh: "不需要前缀：np.mean(x) 写作 mean(x)"),
    "numpy": Phrase(en: "no prefix is needed: numpy.mean(x) is mean(x)", zh: "不需要前缀：numpy.mean(x) 写作 mean(x)"),
    "torch": Phrase(en: "no prefix is needed: torch.mean(x) is mean(x)", zh: "不需要前缀：torch.mean(x) 写作 mean(x)"),
    "tf": Phrase(en: "no prefix is needed: tf.exp(x) is exp(x)", zh: "不需要前缀：tf.exp(x) 写作 exp(x)"),
    "jnp": Phrase(en: "no prefix is needed: jnp.mean(x) is mean(x)", zh: "不需要前缀：jnp.mean(x) 写作 mean(x)"),
    "math": Phrase(en: "no prefix is needed: math.sqrt(x) is sqrt(x)", zh: "不需要前缀：math.sqrt(x) 写作 sqrt(x)"),
    "reduce_mean": written("mean(x)"), "reduce_sum": written("sum(x)"), "square": written("x^2"),
    "minimize": written("descend(L, w=0)"), "optimize": written("descend(L, w=0)"), "fmin": written("descend(L, w=0)"),
    "backward": written("grad L at w"), "gradient": written("grad L at w"), "derivative": written("f' or ∂f/∂x"),
    "diff": written("f' or ∂f/∂x"), "read_csv": written("load(\"file.csv\")"),
    "load_csv": written("load(\"file.csv\")"),
    "constant": written("[1, 2, 3]"), "variable": written("w = 1"), "null": written("nan"),
    "seed": Phrase(en: "seeds are given where numbers are drawn: randn(3, seed=7)", zh: "种子写在取随机数的地方：randn(3, seed=7)"),
    "exit": written(":quit"), "quit": written(":quit"), "help": written(":help or ?mse"),
  ]
}
