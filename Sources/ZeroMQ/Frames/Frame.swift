/// One part of a message: immutable bytes that are shared and freed with their last reference.
///
/// A frame can be sent to any number of peers without copying its bytes.
@safe package struct Frame: @unchecked Sendable {
    let owner: AnyObject
    let base: UnsafeRawPointer
    /// The number of bytes.
    package let count: Int

    init(owner: AnyObject, base: UnsafeRawPointer, count: Int) {
        self.owner = owner
        unsafe self.base = unsafe base
        self.count = count
    }

    /// The bytes of an object, which is retained until the frame is released and sent.
    package init(_ source: some FrameSource) {
        var bytes = unsafe UnsafeRawBufferPointer(start: nil, count: 0)
        source.withFrameBytes { span in
            unsafe span.withUnsafeBytes { unsafe bytes = unsafe $0 }
        }
        let base = unsafe bytes.baseAddress ?? OwnedBytes.nowhere
        unsafe self.init(owner: source, base: base, count: bytes.count)
    }

    /// A copy of the given bytes.
    package init(_ bytes: [UInt8]) {
        self.init(count: bytes.count) { output in
            unsafe output.withUnsafeMutableBytes { unsafe $0.copyBytes(from: bytes) }
        }
    }

    /// A number of bytes, zero until `body` writes them.
    package init<Failure: Error>(
        count: Int, writing body: (inout MutableRawSpan) throws(Failure) -> Void
    ) throws(Failure) {
        let owner = OwnedBytes(count: count)
        var span = unsafe MutableRawSpan(_unsafeStart: owner.base, byteCount: count)
        try body(&span)
        unsafe self.init(owner: owner, base: UnsafeRawPointer(owner.base), count: count)
    }

    /// Calls `body` with the bytes.
    package func withBytes<Result, Failure: Error>(
        _ body: (RawSpan) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        defer { extendLifetime(owner) }
        return try body(unsafe RawSpan(_unsafeStart: base, byteCount: count))
    }

    /// The bytes as an array (a copy).
    package var bytes: [UInt8] {
        defer { extendLifetime(owner) }
        return unsafe [UInt8](UnsafeRawBufferPointer(start: base, count: count))
    }
}

extension Frame {
    /// A range of the bytes, which are shared and not copied.
    package func slice(_ range: Range<Int>) -> Frame {
        precondition(range.lowerBound >= 0 && range.upperBound <= count, "Beyond the frame.")
        return unsafe Frame(owner: owner, base: base + range.lowerBound, count: range.count)
    }
}

extension Frame: Equatable {
    /// Whether two frames have equal bytes.
    package static func == (left: Frame, right: Frame) -> Bool { left.bytes == right.bytes }
}

/// Memory of a frame without another owner.
@safe final class OwnedBytes {
    let base: UnsafeMutableRawPointer

    init(count: Int) {
        precondition(count >= 0, "A frame cannot have \(count) bytes.")
        unsafe base = .allocate(byteCount: max(count, 1), alignment: 64)
        unsafe base.initializeMemory(as: UInt8.self, repeating: 0, count: count)
    }

    deinit { unsafe base.deallocate() }

    /// A valid address for the bytes of empty frames.
    static var nowhere: UnsafeRawPointer { unsafe UnsafeRawPointer(bitPattern: 64)! }
}
