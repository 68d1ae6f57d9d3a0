import Markup

/// The terms of the course, in both languages: `:define`, `:glossary`.
package struct Glossary: Sendable {
  package let name: Phrase
  /// Abbreviations and other names.
  package let alsoCalled: [String]
  package let meaning: Phrase
  /// Lines that show it at the prompt.
  package let examples: [String]
  /// Names to look up next.
  package let related: [String]

  private init(
    _ name: Phrase, _ alsoCalled: [String] = [], _ meaning: Phrase, examples: [String] = [], related: [String] = []
  ) {
    self.name = name
    self.alsoCalled = alsoCalled
    self.meaning = meaning
    self.examples = examples
    self.related = related
  }

  /// The term a learner means, by either name or an abbreviation, whatever the case and the blanks.
  package static func entry(_ term: String) -> Glossary? {
    let wanted = folded(term)
    return entries.first { entry in
      ([entry.name.en, entry.name.zh] + entry.alsoCalled).contains { folded($0) == wanted }
    }
  }

  private static func folded(_ text: String) -> String {
    text.lowercased().filter { !" -_　".contains($0) }
  }

  // The first seven and the abbreviations are the glossary of the article the course follows, put right: it calls both
  // loss and error "the difference", and the learning rate a step length.
  package static let entries: [Glossary] = [
    Glossary(
      Phrase(en: "loss function", zh: "损失函数"), ["loss", "损失"],
      Phrase(
        en:
          "Measures how bad a prediction is against the truth, as one number that is smaller for better predictions. Training lowers it.",
        zh: "用一个数衡量预测与真实值相比有多差，越小越好。训练就是让它变小。"),
      examples: ["mse([1,2,3], [2,3,4])"], related: ["cost function", "error", "metric"]),
    Glossary(
      Phrase(en: "error", zh: "误差"), ["residual", "残差"],
      Phrase(
        en:
          "Prediction minus truth, ŷ - y, with its sign. A loss turns errors into a penalty; it is not the error itself.",
        zh: "预测减去真实值，ŷ - y，带正负号。损失把误差变成惩罚，它本身不是误差。"),
      examples: ["[2.5, 0] - [3, -0.5]"], related: ["loss function"]),
    Glossary(
      Phrase(en: "optimization", zh: "优化"), ["optimisation", "最优化"],
      Phrase(
        en: "Finding the parameters that make the objective small, by small steps against the gradient.",
        zh: "寻找让目标函数变小的参数，做法是沿梯度的反方向一小步一小步地走。"),
      examples: ["descend(w -> (w - 3)^2, w=0, rate=0.25, steps=3)"], related: ["gradient descent", "learning rate"]),
    Glossary(
      Phrase(en: "neural network", zh: "神经网络"), ["NN"],
      Phrase(
        en:
          "A model of layers: each multiplies by weights, adds a bias and bends the result; together they fit almost any function.",
        zh: "由多层组成的模型：每层乘以权重、加上偏置、再弯一弯；合起来几乎能拟合任何函数。"),
      examples: ["relu([1,-1; 2,0] @ [1, 2] + [0, -1])"], related: ["deep learning", "parameter"]),
    Glossary(
      Phrase(en: "learning rate", zh: "学习率"), ["η", "rate", "lr", "step size"],
      Phrase(
        en:
          "The factor in w ← w - rate·∇L: the step is the rate times the gradient, not the rate itself. Too large and the loss grows, too small and nothing moves.",
        zh: "w ← w - 学习率·∇L 里的系数：一步走多远是学习率乘以梯度，不是学习率本身。太大会发散，太小走不动。"),
      examples: ["f(w) = (w - 3)^2", "0 - 0.1*f'(0)"], related: ["gradient descent", "gradient"]),
    Glossary(
      Phrase(en: "machine learning", zh: "机器学习"), ["ML"],
      Phrase(
        en: "Letting data set the parameters of a model by lowering a loss, instead of writing the rules by hand.",
        zh: "不手写规则，而是让数据通过降低损失来定下模型的参数。"), related: ["deep learning", "loss function"]),
    Glossary(
      Phrase(en: "deep learning", zh: "深度学习"), ["DL"],
      Phrase(en: "Machine learning with neural networks of many layers.", zh: "用多层神经网络做的机器学习。"),
      related: ["neural network"]),
    Glossary(
      Phrase(en: "support vector machine", zh: "支持向量机"), ["SVM"],
      Phrase(
        en: "A classifier that separates classes with the widest margin; its loss is the hinge.",
        zh: "用最宽的间隔把类别分开的分类器；它的损失是合页损失。"),
      examples: ["hinge([0.8, -0.3], [1, -1])"], related: ["hinge"]),
    Glossary(
      Phrase(en: "convolutional neural network", zh: "卷积神经网络"), ["CNN"],
      Phrase(
        en: "A network whose layers slide small filters over an image, so that a pattern is found wherever it stands.",
        zh: "用小滤波器在图像上滑动的网络，图案出现在哪里都能认出来。"), related: ["neural network"]),
    Glossary(
      Phrase(en: "recurrent neural network", zh: "循环神经网络"), ["RNN"],
      Phrase(
        en: "A network that reads a sequence step by step and carries a state along.", zh: "逐步读入序列、并把状态往后传的网络。"),
      related: ["neural network"]),
    Glossary(
      Phrase(en: "mean squared error", zh: "均方误差"), ["MSE"],
      Phrase(
        en: "The mean of the squared errors; the usual loss for numbers.", zh: "误差平方的平均；预测数值时最常用的损失。"),
      examples: ["mse([2.5, 0, 2], [3, -0.5, 2])"], related: ["mse", "mae"]),
    Glossary(
      Phrase(en: "cross-entropy", zh: "交叉熵"), ["CE"],
      Phrase(
        en:
          "-Σ y·log p: how surprised the predicted probabilities are by the true class; the usual loss for classes. A likelihood, not a difference of ŷ and y.",
        zh: "-Σ y·log p：预测概率对真实类别有多意外；分类时最常用的损失。它来自似然，不是 ŷ 与 y 的差。"),
      examples: ["cross_entropy([0.7, 0.2, 0.1], [1, 0, 0])"], related: ["cross_entropy", "bce"]),
    Glossary(
      Phrase(en: "cost function", zh: "代价函数"), ["empirical risk", "经验风险"],
      Phrase(
        en: "The mean of the losses of all samples; what is usually minimised.", zh: "所有样本损失的平均；通常要最小化的就是它。"),
      related: ["loss function", "objective function"]),
    Glossary(
      Phrase(en: "objective function", zh: "目标函数"), ["objective"],
      Phrase(
        en: "What the optimizer lowers: the cost, plus a penalty on the parameters if there is one.",
        zh: "优化器要降低的东西：代价，加上对参数的惩罚（如果有）。"),
      related: ["regularization", "cost function"]),
    Glossary(
      Phrase(en: "metric", zh: "评价指标"), ["accuracy", "准确率"],
      Phrase(
        en:
          "What people judge a model by, such as accuracy. A loss stands in for it because it has a gradient; a lower loss may go with a lower accuracy.",
        zh: "人们评价模型用的量，如准确率。损失因为有梯度才替它出面；损失更低时准确率也可能更低。"),
      related: ["loss function"]),
    Glossary(
      Phrase(en: "gradient", zh: "梯度"), ["∇", "slope"],
      Phrase(
        en: "For each parameter, how fast the loss grows when it grows. It points uphill; descent goes the other way.",
        zh: "对每个参数：它增大时损失增长得多快。梯度指向上坡；下降走反方向。"),
      examples: ["f(w) = (w - 3)^2", "f'(0)"], related: ["grad", "gradient descent"]),
    Glossary(
      Phrase(en: "gradient descent", zh: "梯度下降"), ["GD", "BGD", "batch gradient descent", "批量梯度下降"],
      Phrase(
        en:
          "Repeats w ← w - rate·∇L over all data. It can diverge, and where the loss has several valleys it finds one of them.",
        zh: "用全部数据反复做 w ← w - 学习率·∇L。它可能发散；损失有多个谷时，只会找到其中一个。"),
      examples: ["descend(w -> (w - 3)^2, w=0, rate=0.1, steps=3)"], related: ["descend", "learning rate"]),
    Glossary(
      Phrase(en: "stochastic gradient descent", zh: "随机梯度下降"), ["SGD"],
      Phrase(
        en:
          "Gradient descent on one sample, or a small batch, at a time: cheaper steps with some noise. In today's frameworks SGD takes mini-batches.",
        zh: "每次只用一个样本或一小批的梯度下降：步子便宜，带点噪声。如今框架里的 SGD 用的就是小批量。"),
      related: ["mini-batch", "gradient descent"]),
    Glossary(
      Phrase(en: "mini-batch", zh: "小批量"), ["MBGD", "minibatch", "batch", "批"],
      Phrase(
        en: "The few samples whose mean gradient makes one step.", zh: "一步更新所用的几个样本，取它们梯度的平均。"),
      related: ["batches", "stochastic gradient descent"]),
    Glossary(
      Phrase(en: "epoch", zh: "轮"), ["轮次"],
      Phrase(en: "One pass over all the data.", zh: "把全部数据过一遍。"), related: ["mini-batch"]),
    Glossary(
      Phrase(en: "parameter", zh: "参数"), ["weight", "权重"],
      Phrase(
        en:
          "A number of the model that training sets: weights and biases. What you set yourself, like the rate, is a hyperparameter.",
        zh: "由训练定下的模型里的数：权重和偏置。学习率这类由人设定的叫超参数。"),
      related: ["gradient", "learning rate"]),
    Glossary(
      Phrase(en: "logits", zh: "得分"), ["logit", "raw scores"],
      Phrase(
        en:
          "Scores before sigmoid or softmax turns them into probabilities. Losses named …_logits take them as they are, which stays exact however extreme they get.",
        zh: "sigmoid 或 softmax 之前的得分，还不是概率。名字带 …_logits 的损失直接用它，再极端也精确。"),
      examples: ["bce_logits(40, 0)"], related: ["softmax", "sigmoid"]),
    Glossary(
      Phrase(en: "one-hot", zh: "独热编码"), ["one hot", "独热"],
      Phrase(
        en: "A class as a row of zeros with a single 1 at its place.", zh: "用一行 0 和一个 1 表示类别，1 在该类的位置上。"),
      examples: ["cross_entropy([0.7, 0.2, 0.1], [0, 1, 0])"], related: ["cross-entropy"]),
    Glossary(
      Phrase(en: "regularization", zh: "正则化"), ["regularisation", "penalty", "惩罚项"],
      Phrase(
        en:
          "A penalty on the weights added to the loss; it reduces overfitting. L1 drives small weights to 0, L2 shrinks all of them.",
        zh: "加在损失上的对权重的惩罚，用来减轻过拟合。L1 把小权重压到 0，L2 让所有权重变小。"),
      examples: ["l1([1, -2, 0])", "l2([1, -2, 0])"], related: ["l1", "l2", "overfitting"]),
    Glossary(
      Phrase(en: "overfitting", zh: "过拟合"), [],
      Phrase(
        en: "A model that has learned its samples by heart: a low loss on them, a high one on new data.",
        zh: "模型把样本背了下来：在样本上损失低，在新数据上损失高。"),
      related: ["regularization", "metric"]),
    Glossary(
      Phrase(en: "outlier", zh: "离群点"), ["异常值"],
      Phrase(
        en: "A value far from the others. Squares let it dominate; mae, huber and log_cosh do not.",
        zh: "离其他值很远的值。平方会让它主宰结果；mae、huber、log_cosh 不会。"),
      examples: ["mse([1,2,3,100], [1,2,3,4])", "mae([1,2,3,100], [1,2,3,4])"], related: ["huber", "mae"]),
    Glossary(
      Phrase(en: "convergence", zh: "收敛"), ["converge"],
      Phrase(
        en:
          "Steps that get smaller and settle: the gradient goes to 0. The opposite is divergence: the loss grows from step to step.",
        zh: "步子越来越小、稳定下来：梯度趋于 0。反过来是发散：损失一步比一步大。"),
      examples: ["descend(w -> w^2, w=1, rate=1.1, steps=4)"], related: ["learning rate", "gradient descent"]),
    Glossary(
      Phrase(en: "momentum", zh: "动量"), [],
      Phrase(
        en: "Adds a part of the last step to the next, so that steps in one direction build up speed.",
        zh: "把上一步的一部分加到下一步，方向一致时越走越快。"), related: ["momentum"]),
    Glossary(
      Phrase(en: "automated machine learning", zh: "自动机器学习"), ["AutoML"],
      Phrase(en: "Letting a program choose model, loss and hyperparameters.", zh: "让程序来挑选模型、损失和超参数。")),
  ]
}
