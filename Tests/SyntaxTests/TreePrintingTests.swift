import Foundation
import Testing

@testable import Syntax

/// Every line a learner types in the transcripts, and what tests brackets hardest.
private let lines: [String] = {
  let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Transcripts")
  let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
  let typed = files.sorted().flatMap { name -> [String] in
    let text = (try? String(contentsOf: folder.appending(path: name), encoding: .utf8)) ?? ""
    return text.split(separator: "\n").filter { $0.hasPrefix("> ") }.map { String($0.dropFirst(2)) }
  }
  return typed + [
    "a - (b - c)", "a - b - c", "a / (b * c)", "a / b * c", "(a + b) * c", "-(a * b)", "(-a)^2", "-a^2", "2^3^2",
    "(2^3)^2", "2^-1", "(Σ x) * y", "Σ x * y", "a * Σ x * y", "(Σ x) + y", "Σ (x + y)", "√(a + b)", "√a * b", "(√a)^2",
    "not (a and b)", "not a and b", "(a or b) and c", "(if a then b else c) + 1", "(x -> x + 1)(2)", "x -> y -> x + y",
    "(a where a = 1) + 2", "f(x -> x, y = 2)", "(grad f)(2)", "grad f at (x = 1, 2)", "∂f/∂w * 2", "f''(2)", "(f(x))'",
    "1..5", "(1..5) + 1", "1..10 step 2", "x[1..2, :]", "[1, 2; 3, 4]", "(w = 1, b = (c = 2))", "a.b.c", "|a - b| * c",
    "(a |> f) + 1", "a |> f |> g(2)", "Σ_{i=1}^{n + 1} i", "Σ_i x[i]", "a == b", "\"a \\\"b\\\"\\n\"",
    "repeat 3 { w = 1; w }",
    "f(x, y = 2) = x * y",
  ]
}()

@Test func aPrintedTreeReadsBackAsTheSameTree() throws {
  var compared = 0
  for line in lines {
    guard let tree = try? Parser.parse(Source(line)) else { continue }
    switch tree[tree.root] {
    case .command, .help, .empty: continue
    default: break
    }
    let printed = tree.printed()
    let again = try #require(try? Parser.parse(Source(printed)), "\(line) → \(printed)")
    func nodes(_ tree: Tree) -> String {
      // Bars and abs are one thing; what LaTeX implies is written out.
      "\(tree.nodes)".replacing("impliedMultiply", with: "multiply")
    }
    #expect(nodes(again) == nodes(tree), "\(line) → \(printed)")
    compared += 1
  }
  #expect(compared > 100)
}
