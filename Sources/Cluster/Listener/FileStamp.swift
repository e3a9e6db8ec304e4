import Glibc

/// Properties by which a changed file is recognised without reading it.
///
/// Symbolic links are followed: Kubernetes replaces the files of a Secret by exchanging a link
/// (`..data`) in the middle of their paths, which leaves the links in the folder as they are.
struct FileStamp: Equatable {
    private let device: UInt
    private let number: UInt
    private let size: Int
    private let changed: [Int]

    /// The stamp of a file; nil if there is none.
    init?(_ path: String) {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { return nil }
        device = UInt(status.st_dev)
        number = UInt(status.st_ino)
        size = Int(status.st_size)
        changed = [
            status.st_mtim.tv_sec, status.st_mtim.tv_nsec, status.st_ctim.tv_sec,
            status.st_ctim.tv_nsec,
        ]
    }
}
