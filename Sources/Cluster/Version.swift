/// The version of this build of denju.
package enum Version {
    /// As `denju --version` prints it; coordinator and workers need not agree on it, only on the
    /// protocol's version.
    package static let current = "0.1.0"
}
