import Foundation
package import ZeroMQ

/// Where a worker finds its coordinator.
package enum CoordinatorAddress: Sendable, Hashable, CustomStringConvertible {
    /// Always here.
    case endpoint(Endpoint)
    /// Where the first line of this file says, whenever it is asked.
    ///
    /// A coordinator publishes its address in the run's folder, so that on a common file system
    /// nobody needs to agree on a port; one that was started anew says where it is now.
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
    /// No published address is longer.
    private static let maximumBytes = 4096

    /// The endpoint at this moment; nil as long as the file is not there.
    ///
    /// Throws ``WorkerError`` if the file holds something else.
    package func current() throws -> Endpoint? {
        switch self {
        case .endpoint(let endpoint): return endpoint
        case .file(let path):
            guard let file = FileHandle(forReadingAtPath: path) else { return nil }
            let bytes = (try? file.read(upToCount: Self.maximumBytes)) ?? Data()
            // One that is being replaced may be empty for a moment on some file systems.
            guard let line = String(decoding: bytes, as: UTF8.self).split(separator: "\n").first
            else { return nil }
            do {
                return try Endpoint(String(line))
            } catch {
                throw WorkerError("\(path) does not hold a coordinator's address: \(error)")
            }
        }
    }

    /// As it is written in commands and logs.
    package var description: String {
        switch self {
        case .endpoint(let endpoint): "\(endpoint)"
        case .file(let path): Self.scheme + path
        }
    }
}
