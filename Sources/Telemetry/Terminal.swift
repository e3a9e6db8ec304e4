internal import Glibc

/// The terminals of the standard streams.
package enum Terminal {
    /// The columns of a descriptor's terminal; nil without a terminal, or if it cannot redraw
    /// lines.
    ///
    /// The descriptor is 1 for standard output and 2 for standard error.
    package static func columns(of descriptor: Int32) -> Int? {
        guard isatty(descriptor) == 1 else { return nil }
        if let kind = unsafe getenv("TERM"), unsafe String(cString: kind) == "dumb" { return nil }
        var size = winsize()
        guard unsafe ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else {
            return 80
        }
        return Int(size.ws_col)
    }
}
