internal import Foundation
internal import Glibc
internal import Synchronization

/// A small HTTP/1.1 server for monitoring: GET and HEAD, one response per connection.
///
/// The server has a thread of its own and never blocks on a client: requests are limited in length
/// and time, and slow readers are disconnected. Clients can therefore not delay the training.
package final class MonitorServer: Sendable {
    /// A response.
    package struct Answer: Sendable {
        /// The status: 200, 404 or 503.
        package var status: Int
        /// The media type.
        package var type: String
        /// The body.
        package var body: [UInt8]

        /// A response with the given text.
        package init(_ text: String, type: String = "text/plain; charset=utf-8", status: Int = 200)
        {
            self.status = status
            self.type = type
            body = Array(text.utf8)
        }
    }

    /// The address on which the server listens, such as `127.0.0.1:9100`.
    package let address: String
    private let listener: Int32
    private let answer: @Sendable (_ path: String) -> Answer?
    private let isClosed = Atomic(false)

    /// The most bytes of a request, headers included.
    static let longestRequest = 8192
    /// The most connections at once; further clients wait in the listen queue.
    static let mostConnections = 32
    /// The time within which a request must be complete, and its response received.
    static let timeout = Duration.seconds(5)

    /// Starts listening.
    ///
    /// - Parameters:
    ///   - host: an IPv4 address of this machine.
    ///   - port: the port; 0 for any free one.
    ///   - answer: called on the server's thread with the requested path without its query; nil for
    ///     unknown paths.
    package init(
        host: String, port: UInt16, answer: @escaping @Sendable (_ path: String) -> Answer?
    ) throws(LogError) {
        let place = "\(host):\(port)"
        var name = sockaddr_in()
        name.sin_family = sa_family_t(AF_INET)
        name.sin_port = port.bigEndian
        guard unsafe inet_pton(AF_INET, host, &name.sin_addr) == 1 else {
            throw LogError(
                description: "--monitor \(place): '\(host)' is no IPv4 address of this machine.")
        }
        let type =
            Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
            | Int32(SOCK_NONBLOCK.rawValue)
        let listener = socket(AF_INET, type, 0)
        guard listener >= 0 else { throw LogError.system(place, "cannot be opened", errno) }
        var yes: Int32 = 1
        // A restarted run must get its port back while old connections are in TIME_WAIT.
        unsafe setsockopt(
            listener, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = unsafe withUnsafePointer(to: &name) { name in
            unsafe name.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe Glibc.bind(listener, $0, size)
            }
        }
        guard bound == 0, listen(listener, 16) == 0 else {
            let code = errno
            Glibc.close(listener)
            throw LogError.system("--monitor \(place)", "cannot be listened at", code)
        }
        var length = size
        _ = unsafe withUnsafeMutablePointer(to: &name) { name in
            unsafe name.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe getsockname(listener, $0, &length)
            }
        }
        address = "\(host):\(UInt16(bigEndian: name.sin_port))"
        self.listener = listener
        self.answer = answer
        Thread.detachNewThread { [self] in serve() }
    }

    /// Stops listening.
    package func stop() { isClosed.store(true, ordering: .releasing) }

    // MARK: - The thread

    /// A connected client.
    private struct Client {
        let descriptor: Int32
        let since: ContinuousClock.Instant
        var request: [UInt8] = []
        var reply: ArraySlice<UInt8> = []
        var isAnswered = false
        var isDone = false
    }

    private func serve() {
        var clients: [Client] = []
        while !isClosed.load(ordering: .acquiring) {
            var waits = clients.map { client in
                pollfd(
                    fd: client.descriptor,
                    events: Int16(client.isAnswered ? POLLOUT : POLLIN), revents: 0)
            }
            // With all places taken the listener is not polled: it would be ready all the time.
            if clients.count < Self.mostConnections {
                waits.append(pollfd(fd: listener, events: Int16(POLLIN), revents: 0))
            }
            // 100 ms: nothing wakes the thread when a client's time is up or the server is stopped.
            unsafe poll(&waits, nfds_t(waits.count), 100)
            for place in clients.indices where waits[place].revents != 0 { serve(&clients[place]) }
            let now = ContinuousClock.now
            for client in clients where client.isDone || now - client.since > Self.timeout {
                Glibc.close(client.descriptor)
            }
            clients.removeAll { $0.isDone || now - $0.since > Self.timeout }
            guard waits.count > 0, waits[waits.count - 1].fd == listener,
                waits[waits.count - 1].revents != 0
            else { continue }
            let descriptor = accept(listener, nil, nil)
            guard descriptor >= 0 else { continue }
            _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
            // Linux does not pass the listener's O_NONBLOCK on to accepted connections.
            _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
            clients.append(Client(descriptor: descriptor, since: now))
        }
        for client in clients { Glibc.close(client.descriptor) }
        Glibc.close(listener)
    }

    private func serve(_ client: inout Client) {
        if !client.isAnswered {
            var buffer = [UInt8](repeating: 0, count: 4096)
            let count = unsafe recv(client.descriptor, &buffer, buffer.count, 0)
            guard count > 0 else {
                client.isDone = count == 0 || errno != EAGAIN
                return
            }
            client.request += buffer[..<count]
            guard let reply = reply(to: client.request) else { return }
            client.reply = reply[...]
            client.isAnswered = true
        }
        let count = unsafe client.reply.withUnsafeBytes { bytes in
            unsafe send(
                // Without MSG_NOSIGNAL, a client that has gone would end the process (SIGPIPE).
                client.descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
        }
        if count > 0 { client.reply = client.reply.dropFirst(count) }
        if client.reply.isEmpty || (count < 0 && errno != EAGAIN) { client.isDone = true }
    }

    /// The response to a request; nil while the request is incomplete.
    private func reply(to request: [UInt8]) -> [UInt8]? {
        guard request.count <= Self.longestRequest else { return Self.refusal(431) }
        let end = Array("\r\n\r\n".utf8)
        guard request.indices.contains(where: { request[$0...].starts(with: end) }) else {
            return nil
        }
        let line = String(decoding: request.prefix { $0 != UInt8(ascii: "\r") }, as: UTF8.self)
        let words = line.split(separator: " ", omittingEmptySubsequences: false)
        guard words.count == 3, words[2].hasPrefix("HTTP/1."), words[1].hasPrefix("/") else {
            return Self.refusal(400)
        }
        guard words[0] == "GET" || words[0] == "HEAD" else { return Self.refusal(405) }
        let path = String(words[1].prefix { $0 != "?" })
        guard let answer = answer(path) else { return Self.refusal(404) }
        return Self.bytes(of: answer, withBody: words[0] == "GET")
    }

    private static let reasons = [
        200: "OK", 400: "Bad Request", 404: "Not Found", 405: "Method Not Allowed",
        431: "Request Header Fields Too Large", 503: "Service Unavailable",
    ]

    private static func refusal(_ status: Int) -> [UInt8] {
        bytes(of: Answer((reasons[status] ?? "") + "\n", status: status), withBody: true)
    }

    private static func bytes(of answer: Answer, withBody: Bool) -> [UInt8] {
        let head = """
            HTTP/1.1 \(answer.status) \(reasons[answer.status] ?? "Answer")\r
            Content-Type: \(answer.type)\r
            Content-Length: \(answer.body.count)\r
            Cache-Control: no-store\r
            X-Content-Type-Options: nosniff\r
            Connection: close\r
            \r

            """
        return Array(head.utf8) + (withBody ? answer.body : [])
    }
}
