/// An object whose bytes can be sent without a copy: a tensor, a file in memory.
///
/// The bytes must neither move nor change during the object's lifetime: sockets retain the object
/// and read the bytes on other threads until the last peer has received them.
package protocol FrameSource: AnyObject, Sendable {
    /// Calls `body` once with the bytes, which are the same at every call.
    func withFrameBytes(_ body: (RawSpan) -> Void)
}
