import Foundation
package import ZeroMQ

/// The address of a coordinator, fixed or published in a file.
package enum CoordinatorAddress: Sendable, Hashable, CustomStringConvertible {
    /// A fixed endpoint.
    case endpoint(Endpoint)
    /// The endpoint in the first line of a file, read at every call.
    ///
    /// A coordinator publishes its address in the run's folder: on a shared file system no port has
    /// to be agreed on, and a restarted coordinator publishes its new one.
    case file(path: String)

    /// Reads `file:PATH`, or an endpoint such as `tcp://host:port`.
    package init(_ text: String) throws(SocketError) {
        if text.hasPrefix(Self.scheme), text.count > Self.scheme.count {
            self = .file(path: String(text.dropFirst(Self.scheme.count)))
        } else {
            self = .endpoint(try Endpoint(text))
        }
    }

    private static let scheme = "file:"
    /// The size of the longest address accepted.
    // The path is the user's and may name any file, which is then not read whole.
    private static let maximumBytes = 4096

    /// The current endpoint; nil if the file does not exist or is empty.
    ///
    /// Throws ``WorkerError`` if the file holds something else.
    package func current() throws -> Endpoint? {
        switch self {
        case .endpoint(let endpoint): return endpoint
        case .file(let path):
            guard let file = FileHandle(forReadingAtPath: path) else { return nil }
            let bytes = (try? file.read(upToCount: Self.maximumBytes)) ?? Data()
            // On some file systems a file that is being replaced is empty for a moment.
            guard let line = String(decoding: bytes, as: UTF8.self).split(separator: "\n").first
            else { return nil }
            do {
                return try Endpoint(String(line))
            } catch {
                throw WorkerError("\(path) does not hold a coordinator's address: \(error)")
            }
        }
    }

    /// The address as written in commands and logs.
    package var description: String {
        switch self {
        case .endpoint(let endpoint): "\(endpoint)"
        case .file(let path): Self.scheme + path
        }
    }
}
