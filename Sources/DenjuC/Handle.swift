/// An object that C holds by an opaque pointer.
protocol Handle: AnyObject {}

extension Handle {
    /// The pointer that C holds, which keeps the object alive until it is released.
    var retained: OpaquePointer {
        unsafe OpaquePointer(Unmanaged.passRetained(self).toOpaque())
    }

    /// The object behind a pointer of C.
    static func at(_ pointer: OpaquePointer?) -> Self {
        // The interface requires a valid pointer: there is no other way to know one.
        guard let pointer = unsafe pointer else {
            preconditionFailure("denju was given NULL instead of a model or a workspace.")
        }
        return unsafe Unmanaged<Self>.fromOpaque(UnsafeRawPointer(pointer)).takeUnretainedValue()
    }

    /// Gives up the reference of C.
    static func release(_ pointer: OpaquePointer) {
        unsafe Unmanaged<Self>.fromOpaque(UnsafeRawPointer(pointer)).release()
    }
}
