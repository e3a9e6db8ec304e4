import Foundation

/// The memory of this process in bytes.
enum ProcessMemory {
    /// The resident memory.
    static var resident: Int { figure("VmRSS:") }
    /// The peak of the resident memory since it was last reset.
    static var peak: Int { figure("VmHWM:") }

    private static func figure(_ name: String) -> Int {
        guard let text = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8),
            let line = text.split(separator: "\n").first(where: { $0.hasPrefix(name) }),
            let kilobytes = line.split(separator: " ").dropFirst().first.flatMap({ Int($0) })
        else { return 0 }
        return kilobytes << 10
    }
}
