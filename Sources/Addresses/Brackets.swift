extension String {
    /// The host without the brackets of an IPv6 address.
    package var withoutBrackets: String {
        hasPrefix("[") && hasSuffix("]") ? String(dropFirst().dropLast()) : self
    }

    /// The host with brackets if it is an IPv6 address, as before a port.
    package var inBrackets: String {
        contains(":") && !hasPrefix("[") ? "[\(self)]" : self
    }
}
