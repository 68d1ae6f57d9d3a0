import Markup
import Testing

@testable import Workbench

@Test func everySettingReadsWhatItWrites() {
  for setting in Setting.table {
    var settings = Settings()
    for choice in [setting.get(settings)] + setting.choices {
      #expect(setting.set(&settings, choice), "\(setting.name) \(choice)")
      let written = setting.get(settings)
      #expect(setting.set(&settings, written) && setting.get(settings) == written, "\(setting.name) \(choice)")
    }
    for nonsense in ["", "99999999999999999999", "-1", "nan", "中文"] {
      let before = setting.get(settings)
      #expect(!setting.set(&settings, nonsense), "\(setting.name) \(nonsense)")
      #expect(setting.get(settings) == before)
    }
  }
}

@Test func whatIsKeptComesBackAndNothingElse() {
  var session = Session()
  for line in [":set theme light", ":set digits 9", ":lang zh"] { _ = session.submit(line) }
  #expect(session.settings.kept == "lang = zh\ntheme = light\n")
  var next = Settings()
  next.restore(session.settings.kept + "nonsense\nhints = maybe\ndigits = 3\n")
  #expect(next.language == .zh)
  #expect(next.theme == .light)
  #expect(next.digits == 6)
  var decided = Settings()
  decided.restore(session.settings.kept, except: ["lang"])
  #expect(decided.language == .en)
}

@Test func theSeedIsWhereRandomNumbersStart() {
  func drawn(_ lines: String...) -> [Double]? {
    var session = Session()
    var last: Reply?
    for line in lines { last = session.submit(line) }
    return last?.value?.numbers?.elements
  }
  #expect(drawn(":set seed 7", "rand(3)") == drawn("rand(3)", "rand(3)", ":set seed 7", "rand(3)"))
  #expect(drawn(":set seed 7", "rand(3)") != drawn("rand(3)"))
  #expect(drawn(":set seed 7", "rand(3)", ":set seed 7", "rand(3)") == drawn(":set seed 7", "rand(3)"))
}
