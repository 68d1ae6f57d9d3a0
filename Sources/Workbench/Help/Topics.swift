import Interpreter
import Losses
import Markup

/// Pages about a subject rather than a name: `:help data`.
struct Topic: Sendable {
  /// One name per language and further ones.
  let names: [String]
  let summary: Phrase
  let page: @Sendable (Session) -> StyledText

  init(_ names: [String], _ summary: Phrase, _ page: @escaping @Sendable (Session) -> StyledText) {
    self.names = names
    self.summary = summary
    self.page = page
  }
}

enum Topics {
  static func topic(_ name: String) -> Topic? { table.first { $0.names.contains(name.lowercased()) } }

  /// Everything `?` explains, for completion.
  static func all(_ session: Session) -> [Completion.Candidate] {
    let language = session.language
    let position = language == .en ? 0 : 1
    let topics = table.map { Completion.Candidate($0.names[min(position, $0.names.count - 1)], $0.summary[language]) }
    let names = Completion.visibleNames(in: session).sorted().map {
      Completion.Candidate($0, Names.summary($0, session))
    }
    let signs = SyntaxHelp.entries.map { Completion.Candidate($0.sign, $0.summary[language]) }
    let codes = ErrorCodes.table.map { Completion.Candidate($0.code, $0.title[language]) }
    return topics + names + signs + codes
  }

  static let table: [Topic] = [
    Topic(["losses", "损失", "loss"], Phrase(en: "every loss, by family", zh: "全部损失函数，按类别")) { session in
      HelpPage.catalogue(session)
    },
    Topic(["optimizers", "优化器", "schedules"], Phrase(en: "every optimizer and schedule", zh: "全部优化器和学习率计划")) {
      session in HelpPage.rules(session)
    },
    Topic(["functions", "函数"], Phrase(en: "every function", zh: "全部函数")) { session in HelpPage.functions(session) },
    Topic(["syntax", "语法"], Phrase(en: "signs and words of the language", zh: "语言的符号和词")) { session in
      HelpPage.syntax(session)
    },
    Topic(["gradients", "梯度"], Phrase(en: "four ways to write a gradient", zh: "梯度的几种写法")) { session in
      HelpPage.lesson(
        session,
        Phrase(
          en: "A gradient is a function like any other; all of these are the same one.",
          zh: "梯度和其他函数一样，也是函数；下面几种写法是同一个。"),
        ["L(w) = mse(w*[1,2,3], [2,4,6])", "L'(0.5)", "grad L at 0.5", "∂L/∂w at 0.5", "L'", "check(L, at=0.5)"])
    },
    Topic(["descent", "下降"], Phrase(en: "going down a loss, step by step", zh: "沿损失一步步下降")) { session in
      HelpPage.lesson(
        session,
        Phrase(
          en:
            "Name what is learned with its starting value. A trace keeps every step; its parts are t.loss, t.w, t[3].",
          zh: "写出要学习的参数和起始值。轨迹记下每一步；取其中的部分用 t.loss、t.w、t[3]。"),
        ["L(w) = mse(w*[1,2,3], [2,4,6])", "t = descend(L, w=0, rate=0.05, steps=4)", "steps(t, 1)"])
    },
    Topic(["data", "数据"], Phrase(en: "tables from files", zh: "从文件读入数据表")) { session in
      HelpPage.lesson(
        session,
        Phrase(
          en:
            "load reads a CSV file; a name without a folder is looked up among the data that comes with losslab first.",
          zh: "load 读入 CSV 文件；不带路径的名字先在自带数据里找。"),
        ["m = load(\"mpg.csv\")", "mean(m.weight)", "drop_missing(m).horsepower[1..5]"])
    },
    Topic(["pictures", "图", "plots"], Phrase(en: "curves of functions and traces", zh: "函数和轨迹的曲线")) { session in
      HelpPage.lesson(
        session,
        Phrase(
          en: "plot takes functions, vectors and traces; describe says in words what a picture shows.",
          zh: "plot 可画函数、向量和轨迹；describe 用文字说明图里有什么。"),
        ["plot(x -> huber(x, 0), x -> mse(x, 0), x=-3..3)", "describe(plot(x -> x^2, x=-2..2))"])
    },
    Topic(["keys", "按键"], Phrase(en: "keys of the line editor", zh: "行编辑的按键")) { session in HelpPage.keys(session) },
    Topic(["errors", "错误"], Phrase(en: "every error code", zh: "全部错误代码")) { session in HelpPage.errors(session) },
    Topic(["settings", "设置"], Phrase(en: "what :set changes", zh: ":set 可以改什么")) { session in
      HelpPage.settings(session)
    },
    Topic(["commands", "命令"], Phrase(en: "every command", zh: "全部命令")) { session in HelpPage.commands(session) },
  ]
}
