import Distillation
import Tensors
import Training

/// A wanted result that the members' results complete.
enum Completion {
    /// The contributions of a wanted node's micro-shards to an exchange.
    case contribution(TreeNode, round: Int, [Contribution])
    /// A wanted node's gradient in one bucket.
    case gradient(TreeNode, bucket: Int, Tensor)
    /// A wanted node's report.
    case report(TreeNode, ShardReport)
    /// A sample's confusion matrix.
    case label(sample: Int, ConfusionMatrix)
    /// The work cannot be done: none of the active workers could.
    case failure(reason: String, isDivergence: Bool)
}
