import Foundation
import ZeroMQ

extension Endpoint {
    /// The endpoint as workers must write it: with a host's name if one is given, or with this
    /// machine's name where it listens on all interfaces.
    func published(as host: String?) -> Endpoint {
        guard case .tcp(let own, let port) = self else { return self }
        if let host { return .tcp(host: host, port: port) }
        let isWildcard = ["*", "0.0.0.0", "::"].contains(own)
        return isWildcard ? .tcp(host: ProcessInfo.processInfo.hostName, port: port) : self
    }
}
