import Testing

@testable import Syntax

/// What a pasted formula is read as, in plain notation.
private func reading(_ latex: String) -> String {
  do {
    return try Parser.parse(Source(latex)).printed()
  } catch {
    return error.code
  }
}

@Test(arguments: [
  (#"\frac{1}{n} \sum_{i=1}^{n} (y_i - \hat{y}_i)^2"#, "1/n * Σ_{i=1}^n (y[i] - ŷ[i])^2"),
  (#"$$\frac1n\sum_{i=1}^n\left(y_{i}-\hat y_{i}\right)^{2}.$$"#, "1/n * Σ_{i=1}^n (y[i] - ŷ[i])^2"),
  (#"-\left[ y\log p + (1-y)\log(1-p) \right]"#, "-(y * log(p) + (1 - y) * log(1 - p))"),
  (#"\max(0, 1 - y \cdot \hat{y})"#, "max(0, 1 - y * ŷ)"), (#"\max\{0, x\}"#, "max(0, x)"),
  (#"\max_i x_i"#, "max(x)"), (#"\lambda \sum w_i^2"#, "λ * Σ_i w[i]^2"),
  (#"\|w\|_2^2 + \|w\|_1 + \|w\|"#, "sum(w^2) + sum(abs(w)) + norm(w)"), (#"\lVert w\rVert_\infty"#, "max(abs(w))"),
  (#"\frac{\partial L}{\partial w}"#, "∂L/∂w"), (#"\frac{dL}{dw}(2)"#, "(∂L/∂w)(2)"),
  (#"\frac{\partial}{\partial w} (w^2 + 1)"#, "∂(w^2 + 1)/∂w"), (#"\nabla_w L(w)"#, "∂L(w)/∂w"),
  (#"\frac{\partial^2 L}{\partial w^2}"#, "∂(∂L/∂w)/∂w"), (#"w \leftarrow w - \eta g"#, "w = w - η * g"),
  (#"\sqrt{x} + \sqrt[3]{x}"#, "sqrt(x) + x^(1/3)"), (#"\exp(-x) + e^{-x}"#, "exp(-x) + e^-x"),
  (#"\log_2 x + \log_{10} x"#, "log2(x) + log10(x)"), (#"y_{\text{pred}} - y_{true}"#, "y_pred - y_true"),
  (#"x^{(i)} + \sum_i x^{(i)}"#, "x_i + Σ_i x[i]"), (#"\sum_{i,j} X_{ij}"#, "Σ_i Σ_j X[i, j]"),
  (#"\sum_{t=2}^{T} x_t x_{t-1}"#, "Σ_{t=2}^T x[t] * x[t - 1]"), (#"W^\top x"#, "W' * x"),
  (#"\begin{cases} a & x \le 1 \\ b & \text{otherwise} \end{cases}"#, "if x ≤ 1 then a else b"),
  (#"\begin{bmatrix} 1 & 2 \\ 3 & 4 \end{bmatrix}"#, "[1, 2; 3, 4]"),
  (#"\sigma(z) = \frac{1}{1+e^{-z}}"#, "σ(z) = 1/(1 + e^-z)"),
  (#"\left|r\right| \geq \delta"#, "abs(r) ≥ δ"), (#"\sum_i \log p_{i, y_i}"#, "Σ_i log(p[i, y[i]])"),
  (#"2\pi r"#, "2 * π * r"),
  (#"\mathrm{MSE}(y, \hat{y})"#, "MSE(y, ŷ)"), (#"\operatorname{ReLU}(x)"#, "relu(x)"),
  (#"\prod_{k=1}^{5} k"#, "Π_{k=1}^5 k"), (#"\int_0^1 x"#, "E112"), (#"1 + \cdots + n"#, "E112"),
  (#"\frac{r}{\mathrm{delta}} + \frac{delta}{d}"#, "r/delta + delta/d"), (#"\frac{1}{n"#, "E103"),
  (#"\frac{1}"#, "E107"), (#"\frac{}{}"#, "E107"), (#"1/2\lambda"#, "E109"),
])
func aPastedFormulaIsReadAsInPrint(_ latex: String, _ plain: String) { #expect(reading(latex) == plain) }

@Test func hostileLaTeXIsRefused() {
  for piece in [
    #"\frac{"#, #"\sqrt"#, #"\left("#, #"\hat"#, #"\sum_{"#, #"x^{"#, #"\begin{cases}"#, "|", #"\|"#, #"\text{"#,
  ] {
    let deep = String(repeating: piece, count: 3_000)
    #expect((try? Parser.parse(Source(#"\alpha "# + deep))) == nil, "\(piece)")
  }
}
