import Foundation

/// This process's memory at this moment, in bytes.
enum ProcessMemory {
    /// Resident now.
    static var resident: Int { figure("VmRSS:") }
    /// The most resident since the peak was last cleared.
    static var peak: Int { figure("VmHWM:") }

    private static func figure(_ name: String) -> Int {
        guard let text = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8),
            let line = text.split(separator: "\n").first(where: { $0.hasPrefix(name) }),
            let kilobytes = line.split(separator: " ").dropFirst().first.flatMap({ Int($0) })
        else { return 0 }
        return kilobytes << 10
    }
}
