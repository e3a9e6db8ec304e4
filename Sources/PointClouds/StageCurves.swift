/// The origin of the curves of coarser stages.
public enum StageCurves: Sendable, Hashable {
    /// Each stage inherits the curves of the finer one, whose codes lose their last bits, as in Point
    /// Transformer V3.
    case inherited
    /// The stages that attend, marked true, have curves of their own grid, with its number of levels,
    /// as in LitePT and Sonata; the others have none.
    ///
    /// Hilbert's curve turns with every level, so that these differ from inherited ones.
    case own(attending: [Bool])
}
