internal import Foundation
internal import Glibc
internal import Synchronization

/// A small HTTP/1.1 server for monitoring: GET and HEAD, one response per connection.
///
/// The server has a thread of its own and never blocks on a client: requests are limited in length
/// and time, and slow readers are disconnected. Clients can therefore not delay the training. Requests
/// for other hosts are rejected (see ``AllowedHosts``).
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

    /// The address on which the server listens, such as `127.0.0.1:9100` or `[::1]:9100`.
    package let address: String
    private let listener: Int32
    private let hosts: AllowedHosts
    private let answer: @Sendable (_ path: String) -> Answer?
    private let isClosed = Atomic(false)

    /// The most bytes of a request, headers included.
    static let longestRequest = 8192
    /// The most connections at once; a further one takes the place of the oldest incomplete request.
    static let mostConnections = 32
    /// The time within which a request must be complete, and its response received.
    static let timeout = Duration.seconds(5)

    /// Starts listening.
    ///
    /// - Parameters:
    ///   - host: a name or address of this machine; `*` for all interfaces.
    ///   - port: the port; 0 for any free one.
    ///   - answer: called on the server's thread with the requested path without its query; nil for
    ///     unknown paths.
    package init(
        host: String, port: UInt16, answer: @escaping @Sendable (_ path: String) -> Answer?
    ) throws(LogError) {
        (listener, address) = try Self.listen(host, port)
        hosts = AllowedHosts(listeningAt: host)
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
        /// The bytes of the request that were searched for its end.
        var searched = 0
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
            waits.append(pollfd(fd: listener, events: Int16(POLLIN), revents: 0))
            // 100 ms: nothing wakes the thread when a client's time is up or the server is stopped.
            unsafe poll(&waits, nfds_t(waits.count), 100)
            for place in clients.indices where waits[place].revents != 0 { serve(&clients[place]) }
            let now = ContinuousClock.now
            for client in clients where client.isDone || now - client.since > Self.timeout {
                Glibc.close(client.descriptor)
            }
            clients.removeAll { $0.isDone || now - $0.since > Self.timeout }
            if waits[waits.count - 1].revents != 0, let descriptor = acceptedConnection() {
                if clients.count == Self.mostConnections { evict(from: &clients) }
                clients.append(Client(descriptor: descriptor, since: now))
            }
        }
        for client in clients { Glibc.close(client.descriptor) }
        Glibc.close(listener)
    }

    private func acceptedConnection() -> Int32? {
        let descriptor = accept(listener, nil, nil)
        guard descriptor >= 0 else { return nil }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        // Linux does not pass the listener's O_NONBLOCK on to accepted connections.
        _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
        return descriptor
    }

    /// Closes the client whose request has been incomplete for longest, or else the oldest one.
    // Idle connections would otherwise keep a scraper waiting until their time is up.
    private func evict(from clients: inout [Client]) {
        // Clients are in the order of their connections.
        let place = clients.firstIndex { !$0.isAnswered } ?? 0
        Glibc.close(clients.remove(at: place).descriptor)
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
            guard let reply = reply(to: &client) else { return }
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

    /// The response to a client's request; nil while the request is incomplete.
    private func reply(to client: inout Client) -> [UInt8]? {
        let request = client.request
        guard request.count <= Self.longestRequest else { return Self.refusal(431) }
        let end = Array("\r\n\r\n".utf8)
        // A request that arrives byte by byte is searched once, not once per byte.
        let new = max(0, client.searched - 3)..<max(0, request.count - 3)
        client.searched = request.count
        guard new.contains(where: { request[$0..<($0 + 4)].elementsEqual(end) }) else { return nil }
        let lines = String(decoding: request, as: UTF8.self).split(
            separator: "\r\n", omittingEmptySubsequences: false)
        let words = lines[0].split(separator: " ", omittingEmptySubsequences: false)
        guard words.count == 3, words[2].hasPrefix("HTTP/1."), words[1].hasPrefix("/") else {
            return Self.refusal(400)
        }
        for line in lines.dropFirst() {
            let (name, value) = (line.utf8.prefix(5), line.utf8.dropFirst(5))
            guard String(decoding: name, as: UTF8.self).lowercased() == "host:" else { continue }
            guard hosts.allow(String(decoding: value, as: UTF8.self)) else {
                return Self.refusal(421)
            }
        }
        guard words[0] == "GET" || words[0] == "HEAD" else { return Self.refusal(405) }
        let path = String(words[1].prefix { $0 != "?" })
        guard let answer = answer(path) else { return Self.refusal(404) }
        return Self.bytes(of: answer, withBody: words[0] == "GET")
    }

    private static let reasons = [
        200: "OK", 400: "Bad Request", 404: "Not Found", 405: "Method Not Allowed",
        421: "Misdirected Request: use the address, or give this name with --monitor NAME:PORT",
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
