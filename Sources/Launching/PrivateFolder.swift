import Glibc

/// Folders that only this user may enter.
enum PrivateFolder {
    /// Whether the folder exists, created now or earlier, and only this user may enter it.
    static func exists(_ folder: String) -> Bool {
        _ = unsafe mkdir(folder, 0o700)
        var status = stat()
        // The properties are those of a symbolic link itself, so that a link to another folder is
        // rejected too.
        return unsafe lstat(folder, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
            && status.st_uid == getuid() && status.st_mode & 0o7777 == 0o700
    }

    /// Creates a folder, whose name replaces the six X; nil if it cannot be created.
    static func create(_ template: String) -> String? {
        var name = Array(template.utf8CString)
        guard unsafe mkdtemp(&name) != nil else { return nil }
        return String(
            decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
