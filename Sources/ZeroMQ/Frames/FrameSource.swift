/// An object whose bytes can be sent without a copy: a tensor, a file in memory.
///
/// The bytes must neither move nor change as long as the object lives: sockets keep it, and read
/// the bytes from other threads, until the last peer has them.
package protocol FrameSource: AnyObject, Sendable {
    /// Calls `body` once with the bytes, always the same ones.
    func withFrameBytes(_ body: (RawSpan) -> Void)
}
