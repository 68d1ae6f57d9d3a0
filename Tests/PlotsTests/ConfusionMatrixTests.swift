import Markup
import Testing

@testable import Plots

/// The example of scikit-learn's user guide for classification_report:
/// y_true = [0, 1, 2, 2, 0], y_pred = [0, 0, 2, 1, 0].
private let matrix = ConfusionMatrix(
  title: "", classes: ["0", "1", "2"], counts: [[2, 0, 0], [1, 0, 0], [0, 1, 1]])

@Test func scoresAreThoseOfTheClassificationReport() {
  #expect(matrix.accuracy == 0.6)
  #expect((0..<3).map { (matrix.precision($0) * 100).rounded() } == [67, 0, 100])
  #expect((0..<3).map { (matrix.recall($0) * 100).rounded() } == [100, 0, 50])
  #expect((0..<3).map { (matrix.f1($0) * 100).rounded() } == [80, 0, 67])
}

@Test func theMostFrequentMistakeIsNamed() {
  #expect(
    matrix.render(PictureOptions()).characters.contains(
      "3 of 5 right, accuracy 0.6; most often wrong: 1 taken for 0, 1×"))
}

@Test func everyCountIsShownOnANarrowScreenToo() {
  for width in [20, 30, 40] {
    let lines = matrix.render(PictureOptions(width: width)).lines.map(\.characters)
    #expect(lines.contains { $0.contains("█ 2") && $0.filter { $0 == "0" }.count >= 3 }, "\(lines)")
    #expect(lines.allSatisfy { $0.displayWidth <= width })
  }
}
