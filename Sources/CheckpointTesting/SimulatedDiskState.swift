import Files

extension SimulatedDisk {
    /// A change of names in a folder, which a crash loses completely or not at all.
    struct Change {
        var names: [(name: String, node: Int?)]
    }

    /// A file or folder with its current and its durable state.
    struct Node {
        var isDirectory: Bool
        var bytes: [UInt8] = []
        var durableBytes: [UInt8] = []
        var names: [String: Int] = [:]
        var durableNames: [String: Int] = [:]
        /// The time at which it was last written or touched.
        var used = 0
        /// The changes from `durableNames` to `names`, in order.
        var pending: [Change] = []
    }

    struct State {
        /// All nodes; the first is the root.
        var nodes = [Node(isDirectory: true)]
        var operations = 0
        /// A counter that grows with every use of a file.
        var clock = 0
        var freeBytes: Int?
        var fault: Fault?
        var isDown = false
        var remains = Durability.everything

        /// Counts an operation and throws if the scheduled fault occurs at it.
        mutating func begin(_ path: String) throws {
            if isDown { throw Down() }
            let number = operations
            operations += 1
            switch fault {
            case .failure(let at, let reason) where at == number: throw FileError(path, reason)
            case .crash(let at, let remains) where at == number:
                isDown = true
                self.remains = remains
                throw Down()
            default: break
            }
        }

        func node(at path: String) -> Int? {
            var node = 0
            for part in path.split(separator: "/") where part != "." {
                guard let next = nodes[node].names[String(part)] else { return nil }
                node = next
            }
            return node
        }

        func file(at path: String) throws -> Int {
            guard let node = node(at: path), !nodes[node].isDirectory else {
                throw FileError(path, "is not there")
            }
            return node
        }

        func directory(at path: String) throws -> Int {
            guard let node = node(at: path), nodes[node].isDirectory else {
                throw FileError(path, "is not there")
            }
            return node
        }

        mutating func addNode(isDirectory: Bool) -> Int {
            nodes.append(Node(isDirectory: isDirectory))
            use(nodes.count - 1)
            return nodes.count - 1
        }

        mutating func use(_ node: Int) {
            clock += 1
            nodes[node].used = clock
        }

        /// Binds a name to a node, or removes it.
        mutating func change(_ path: String, to node: Int?) throws {
            let parent = try directory(at: FilePaths.parent(of: path))
            let name = FilePaths.lastName(of: path)
            nodes[parent].apply([(name, node)])
        }

        mutating func move(_ path: String, to newPath: String, node: Int) throws {
            let parent = FilePaths.parent(of: path)
            // File systems guarantee an atomic rename within a folder only, which checkpoints rely on.
            guard parent == FilePaths.parent(of: newPath) else {
                throw FileError(path, "cannot be moved to another folder here")
            }
            let place = try directory(at: parent)
            nodes[place].apply([
                (FilePaths.lastName(of: path), nil), (FilePaths.lastName(of: newPath), node),
            ])
        }

        /// Replaces the state by the data that survived a crash.
        mutating func restart() {
            fault = nil
            operations = 0
            guard isDown else { return }
            isDown = false
            if case .everything = remains {
                for index in nodes.indices { nodes[index].settle() }
                return
            }
            var seed: UInt64?
            if case .some(let given) = remains { seed = given }
            for index in nodes.indices {
                var node = nodes[index]
                node.names = node.durableNames
                let durable = node.durableBytes
                // Each node has a sequence of its own: another file does not change what this one keeps.
                if var decisions = seed.map({ Decisions(seed: $0 &+ UInt64(index) &* 0x9E37) }) {
                    for change in node.pending where decisions.next() & 1 == 1 {
                        for (name, node_) in change.names { node.names[name] = node_ }
                    }
                    let lost = UInt64(max(0, node.bytes.count - durable.count) + 1)
                    let kept = node.bytes.dropFirst(durable.count)
                        .prefix(Int(decisions.next() % lost))
                    node.bytes = durable + kept
                } else {
                    node.bytes = durable
                }
                node.settle()
                nodes[index] = node
            }
        }
    }

    /// A sequence of random numbers determined by a seed (SplitMix64).
    private struct Decisions {
        var seed: UInt64

        mutating func next() -> UInt64 {
            seed &+= 0x9E37_79B9_7F4A_7C15
            var bits = seed
            bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
            bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
            return bits ^ (bits >> 31)
        }
    }
}

extension SimulatedDisk.Node {
    fileprivate mutating func apply(_ changes: [(name: String, node: Int?)]) {
        for change in changes { names[change.name] = change.node }
        pending.append(SimulatedDisk.Change(names: changes))
    }

    /// Makes the current state durable.
    fileprivate mutating func settle() {
        durableBytes = bytes
        durableNames = names
        pending = []
    }
}
