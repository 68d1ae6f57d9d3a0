import Markup

/// What things from other languages and libraries are called here: the way out of an unknown name.
enum ForeignNames {
  static func help(for name: String) -> Phrase? { table[name.lowercased()] }

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
    "array": written("[1, 2, 3]"), "tensor": written("[1, 2, 3]"), "constant": written("[1, 2, 3]"),
    "variable": written("w = 1"), "while": written("repeat 10 { … }"),
    "for": written("repeat 10 { … } or map(f, 1..10)"),
    "return": Phrase(en: "a function is its expression: f(x) = x^2", zh: "函数就是它的表达式：f(x) = x^2"),
    "function": written("f(x) = x^2"), "lambda": written("x -> x^2"), "def": written("f(x) = x^2"),
    "let": written("w = 1"), "var_": written("w = 1"), "null": written("nan"), "none_": written("nan"),
    "seed": Phrase(en: "seeds are given where numbers are drawn: randn(3, seed=7)", zh: "种子写在取随机数的地方：randn(3, seed=7)"),
    "exit": written(":quit"), "quit": written(":quit"), "help": written(":help or ?mse"),
  ]
}
