internal import Glibc

/// Whether someone is watching.
package enum Terminal {
    /// How many columns the terminal behind a descriptor has; nil if there is none, or one that
    /// cannot redraw a line.
    ///
    /// 1 is the standard output, 2 the standard error.
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
