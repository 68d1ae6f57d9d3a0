import Interpreter
import Markup
import Plots
import Tensors

extension Stepper {
  /// The whole screen, never more rows or columns than there are; the last line of keys is always on it.
  ///
  /// It remembers how many rows the numbers have taken, so that the picture above them keeps its place from step to step.
  package mutating func screen(_ settings: Settings) -> StyledText {
    let rows = max(4, settings.height - 1)
    let keys = self.keys(settings)
    let room = rows - 1 - keys.count - 1
    var lines = [headline(settings)]
    let comparison = comparison(settings)
    var below: [StyledText]
    if let diagnosis {
      below = diagnosis.text(settings).lines.filter { !$0.isEmpty }
    } else if showsAllNumbers {
      below = comparison + numbers(settings, .full)
      below = Array(below.dropFirst(min(scrolled, max(0, below.count - room))))
    } else {
      // The picture needs eight rows to say anything. What does not fit beside it is a key away.
      let free = max(0, room - 8 - comparison.count)
      let occasion = Layout.Occasion(
        width: settings.width, height: settings.height, hasBranch: branch != nil, view: view)
      if layout.occasion != occasion { layout = Layout(occasion: occasion) }
      var shown = numbers(settings, layout.detail)
      while shown.count > free, let less = layout.detail.less {
        layout.detail = less
        shown = numbers(settings, less)
      }
      if shown.count > free, room >= 12 {
        let more = Phrase(en: "… [f] shows all of it", zh: "…… 按 [f] 看全部")
        let check = shown.removeLast()
        shown = shown.prefix(max(0, free - 2)) + [StyledText("   " + more[settings.language], .dim), check]
      }
      below = comparison + shown
      layout.rows = max(layout.rows, min(below.count, max(0, room - 8)))
      while below.count < layout.rows { below.append(StyledText()) }
    }
    if !showsAllNumbers || diagnosis != nil, room - below.count >= 8 || below.isEmpty {
      lines += picture(settings, rows: room - below.count)
    }
    lines += below.prefix(max(0, rows - lines.count - keys.count - 1))
    while lines.count < rows - keys.count - 1 { lines.append(StyledText()) }
    lines.append(bottom(settings))
    lines += keys
    let ellipsis = settings.glyphs == .ascii ? "~" : "…"
    return lines.suffix(rows).map { $0.truncated(to: settings.width, ellipsis: ellipsis) }.joined(separator: "\n")
  }

  /// One step as a printed page, for terminals that cannot be redrawn.
  package func page(_ settings: Settings) -> StyledText {
    // A page may take a second line where the screen would cut.
    let head = headline(settings)
    var lines =
      head.displayWidth <= settings.width
      ? [head]
      : String(head.characters.drop { $0 == " " }).wrapped(width: max(10, settings.width - 2)).map {
        StyledText(" " + $0, .heading)
      }
    lines += picture(settings, rows: 14)
    lines += numbers(settings, .full) + comparison(settings)
    if let diagnosis { lines += diagnosis.text(settings).lines.filter { !$0.isEmpty } }
    if let message { lines.append(StyledText(" " + message[settings.language], .warning)) }
    return lines.map { $0 + "\n" }.joined()
  }

  /// What may be typed after a printed page.
  package func commands(_ settings: Settings) -> StyledText {
    let branchKeys =
      branch == nil
      ? Phrase(verbatim: "") : Phrase(en: "b other way, x drop branch, ", zh: "b 换一条，x 去掉分支，")
    let picture = landscape == nil ? Phrase(verbatim: "") : Phrase(en: "v picture, ", zh: "v 换图，")
    let words = Phrase(
      en:
        " Enter next, p back, a number goes there, r 0.2 rate, o adam optimizer, s 1 start, \(picture.en)\(branchKeys.en)? why, q leave",
      zh: " 回车下一步，p 上一步，数字跳到该步，r 0.2 改学习率，o adam 换优化器，s 1 换位置，\(picture.zh)\(branchKeys.zh)? 为什么，q 离开")
    let lines = words[settings.language].wrapped(width: max(16, settings.width - 1))
    return StyledText(lines.joined(separator: "\n ") + "\n", .dim)
  }

  private func headline(_ settings: Settings) -> StyledText {
    let language = settings.language
    let (trace, local) = focus
    var text = StyledText(
      " " + Phrase(en: "step \(step) of \(last)", zh: "第 \(step) 步，共 \(last) 步")[language], .heading)
    text.append("   \(trace.label)", .function)
    if let entry = trace.trace.entry(local) {
      for (parameter, value) in zip(trace.trace.parameters, entry.values).prefix(3) where parameter.size == 1 {
        text.append("   \(parameter.name) = \(PictureNumber.text(value.elements[0]))", .plain)
      }
      text.append("   \(trace.function.name ?? "L") = \(PictureNumber.text(entry.loss))", .number)
    }
    if isOnBranch { text.append("   " + Phrase(en: "[branch]", zh: "[分支]")[language], .warning) }
    return text
  }

  private func picture(_ settings: Settings, rows: Int) -> [StyledText] {
    var options = settings.picture
    let picture: any Picture
    if view == .landscape, let landscape { picture = landscape.picture(self) } else { picture = lossChart }
    // A contour fills its height; the others count a line for a strip they seldom have.
    options.height = picture is ContourChart ? rows : rows + 1
    var lines = picture.render(options).lines
    if lines.last?.isEmpty ?? false { lines.removeLast() }
    return Array(lines.prefix(rows))
  }

  /// The losses of both ways, with the step marked on each.
  private var lossChart: LineChart {
    let name = original.function.name ?? "L"
    let losses = original.trace.losses
    var chart = LineChart(
      title: name, xLabel: "step",
      series: [
        .init(label: branch == nil ? "" : original.label, x: losses.indices.map(Double.init), y: losses)
      ], scale: .automatic)
    if step < losses.count { chart.marks.append(.init(x: Double(step), y: losses[step], character: "@")) }
    if let branch {
      let other = branch.trace.trace.losses
      chart.series.append(.init(label: branch.change, x: other.indices.map { Double($0 + branch.at) }, y: other))
      let local = step - branch.at
      if other.indices.contains(local) {
        chart.marks.append(.init(x: Double(step), y: other[local], character: "@"))
      }
    }
    return chart
  }

  /// The rule, the gradient and the update with this step's numbers in.
  private func numbers(_ settings: Settings, _ detail: StepObject.Detail) -> [StyledText] {
    let (trace, local) = focus
    guard local < trace.trace.stepCount else {
      let phrase = Phrase(
        en: " the last step: there is nothing after it (\(trace.trace.ending == .diverged ? "diverged" : "end"))",
        zh: " 最后一步，后面没有了（\(trace.trace.ending == .diverged ? "发散" : "结束")）")
      return [StyledText(phrase[settings.language], .dim)]
    }
    var object = StepObject(trace: trace, step: local)
    object.firstNumber = step - local
    object.detail = detail
    return object.text(settings).lines.filter { !$0.isEmpty }
  }

  private func comparison(_ settings: Settings) -> [StyledText] {
    guard let branch else { return [] }
    func at(_ trace: TraceObject, _ local: Int) -> String {
      let losses = trace.trace.losses
      return losses.indices.contains(local) ? PictureNumber.text(losses[local]) : "-"
    }
    func end(_ trace: TraceObject) -> String {
      trace.trace.ending == .diverged
        ? Phrase(en: "diverged", zh: "发散")[settings.language] : at(trace, trace.trace.losses.count - 1)
    }
    let (here, there) = (at(original, step), at(branch.trace, step - branch.at))
    let name = original.function.name ?? "L"
    let parts = [
      Phrase(
        en: " from step \(branch.at), \(branch.change): \(name) = \(there), ends at \(end(branch.trace))",
        zh: " 第 \(branch.at) 步起 \(branch.change)：\(name) = \(there)，最后 \(end(branch.trace))"),
      Phrase(en: "original: \(here), ends at \(end(original))", zh: "原来：\(here)，最后 \(end(original))"),
    ].map { $0[settings.language] }
    let whole = parts.joined(separator: "   ")
    var lines = (whole.displayWidth < settings.width ? [whole] : [parts[0], "   " + parts[1]])
      .flatMap { $0.wrapped(width: max(16, settings.width - 1)) }.map { StyledText($0, .note) }
    if let continuity = branch.continuity {
      let words = "   " + continuity[settings.language]
      lines += words.wrapped(width: max(16, settings.width - 1)).map { StyledText($0, .dim) }
    }
    return lines
  }

  /// What is being typed, or what there is to say.
  private func bottom(_ settings: Settings) -> StyledText {
    let language = settings.language
    if let question {
      let words: Phrase =
        switch question.subject {
        case .step: Phrase(en: "go to step", zh: "跳到第几步")
        case .rate: Phrase(en: "new rate from here, a number or a schedule", zh: "从这一步起的新学习率（数或日程）")
        case .optimizer: Phrase(en: "new optimizer from here, such as adam", zh: "从这一步起的新优化器，例如 adam")
        case .start: Phrase(en: "go on from another place, such as 1.5 or w=1, b=0", zh: "换到另一处继续，例如 1.5 或 w=1, b=0")
        }
      return StyledText(" " + words[language] + ": ", .prompt) + StyledText(question.text + "_", .strong)
    }
    return StyledText(message.map { " " + $0[language] } ?? "", .warning)
  }

  /// Every key there is, on as many lines as it takes.
  private func keys(_ settings: Settings) -> [StyledText] {
    let arrows = settings.glyphs == .ascii ? "<- ->" : "← →"
    var keys: [(String, Phrase)]
    if question != nil {
      keys = [
        ("Enter", Phrase(en: "do it", zh: "确定")), ("Esc", Phrase(en: "never mind", zh: "取消")),
      ]
    } else {
      keys = [
        (arrows, Phrase(en: "step", zh: "移动")), ("Home End", Phrase(en: "first, last", zh: "首尾")),
        ("0-9", Phrase(en: "go to", zh: "跳到")), ("r", Phrase(en: "rate", zh: "学习率")),
        ("o", Phrase(en: "optimizer", zh: "优化器")), ("s", Phrase(en: "start", zh: "位置")),
      ]
      keys.append(
        ("f", Phrase(en: showsAllNumbers ? "picture too" : "all numbers", zh: showsAllNumbers ? "带图" : "全部算式")))
      if showsAllNumbers {
        keys.append((settings.glyphs == .ascii ? "up down" : "↑ ↓", Phrase(en: "scroll", zh: "滚动")))
      }
      if landscape != nil { keys.append(("v", Phrase(en: "picture", zh: "换图"))) }
      if branch != nil {
        keys.append(("b", Phrase(en: "other way", zh: "换一条")))
        keys.append(("x", Phrase(en: "drop branch", zh: "去掉分支")))
      }
      keys += [("?", Phrase(en: "why", zh: "为什么")), ("q", Phrase(en: "leave", zh: "离开"))]
    }
    var lines = [StyledText()]
    for (key, meaning) in keys {
      let word = meaning[settings.language]
      let width = key.displayWidth + word.displayWidth + 4
      if lines[lines.count - 1].displayWidth + width > settings.width, !lines[lines.count - 1].isEmpty {
        lines.append(StyledText())
      }
      lines[lines.count - 1].append(" [" + key + "]", .command)
      lines[lines.count - 1].append(" " + word, .dim)
    }
    return lines
  }
}

/// What `step(t)` gives: at a prompt that can be redrawn it is walked through, elsewhere it prints a page.
struct StepperObject: Presentable {
  let stepper: Stepper

  var kind: String { "trace" }
  var fieldNames: [String] { stepper.original.fieldNames }
  func field(_ name: String) -> Value? { stepper.original.field(name) }
  func element(_ index: Int) -> Value? { stepper.original.element(index) }
  var json: String { stepper.original.json }
  func description(_ language: Language) -> String { stepper.original.description(language) }

  func text(_ settings: Settings) -> StyledText {
    let more = Phrase(
      en: "the other steps: step(t, k) for k from 0 to \(stepper.last); steps(t, k) shows the numbers alone",
      zh: "其他步：step(t, k)，k 从 0 到 \(stepper.last)；steps(t, k) 只看数字")
    let lines = more[settings.language].wrapped(width: max(10, settings.width - 2))
    return stepper.page(settings) + StyledText(lines.map { " " + $0 + "\n" }.joined(), .dim)
  }
}

extension Reply {
  /// A descent to be walked through, if that is what the line asked for.
  package var stepper: Stepper? {
    guard case .object(let object)? = value else { return nil }
    return (object as? StepperObject)?.stepper
  }
}
