import Archives
import Checkpoints

/// Reads the pickle of a PyTorch checkpoint without executing anything.
///
/// A pickle is a program for a machine with a stack. Here its instructions only build values of
/// ``PickleValue``; a function's name is compared with a list (``PickleGlobal``), and "calling" it
/// takes numbers out of its arguments. An instruction or a name that is not needed for checkpoints
/// is refused by its name, as is every pickle that does not add up.
///
/// Time and memory grow with the pickle's length alone: every instruction takes a byte and makes at
/// most one value, and what is shared is not copied.
struct PickleReader {
    private let file: InputFile
    private let bytes: [UInt8]
    /// Where the pickle begins in the file.
    private let base: Int
    private var position = 0
    private var stack: [PickleValue] = []
    /// The heights of the stack at the marks that are set.
    private var marks: [Int] = []
    private var memo: [Int: PickleValue] = [:]
    private var contents = PickleContents()
    private var places: [StoredBlock: Int] = [:]

    /// What a pickle holds.
    ///
    /// - Parameters:
    ///   - bytes: the pickle.
    ///   - file: the file it is of.
    ///   - base: where in the file it begins.
    static func contents(
        of bytes: [UInt8], file: InputFile, at base: Int
    ) throws -> PickleContents {
        var reader = PickleReader(file: file, bytes: bytes, base: base)
        return try reader.run()
    }

    private init(file: InputFile, bytes: [UInt8], base: Int) {
        self.file = file
        self.bytes = bytes
        self.base = base
    }

    private mutating func run() throws -> PickleContents {
        while true {
            let start = position
            let byte = UInt8(try integer(1))
            guard let opcode = PickleOpcode(rawValue: byte) else {
                throw error("has no pickle instruction \(byte)", at: start)
            }
            guard opcode.isRead else {
                throw refusal("uses the pickle instruction \(opcode.name)", at: start)
            }
            if opcode == .stop {
                contents.root = try pop()
                guard stack.isEmpty, marks.isEmpty else {
                    throw error("has a pickle that ends too early", at: start)
                }
                return contents
            }
            try follow(opcode, at: start)
        }
    }

    private mutating func follow(_ opcode: PickleOpcode, at start: Int) throws {
        switch opcode {
        case .proto:
            let version = try integer(1)
            guard version >= 2, version <= 5, start == 0 else {
                throw error("has a pickle of protocol \(version), where 2 to 5 are read", at: start)
            }
        case .frame: _ = try next(8)
        case .none: stack.append(.none)
        case .newtrue: stack.append(.truth(true))
        case .newfalse: stack.append(.truth(false))
        case .binint: stack.append(.whole(Int(Int32(truncatingIfNeeded: try integer(4)))))
        case .binint1: stack.append(.whole(try integer(1)))
        case .binint2: stack.append(.whole(try integer(2)))
        case .long1: stack.append(.whole(try long(at: start)))
        case .binfloat:
            _ = try next(8)
            stack.append(.other)
        case .binunicode: stack.append(.text(try text(of: integer(4), at: start)))
        case .shortBinunicode: stack.append(.text(try text(of: integer(1), at: start)))
        case .binbytes:
            _ = try next(integer(4))
            stack.append(.other)
        case .shortBinbytes:
            _ = try next(integer(1))
            stack.append(.other)
        case .mark: marks.append(stack.count)
        case .emptyTuple: push(tuple: [])
        case .tuple: push(tuple: try popToMark())
        case .tuple1: push(tuple: try pop(1))
        case .tuple2: push(tuple: try pop(2))
        case .tuple3: push(tuple: try pop(3))
        case .emptyList: stack.append(.list)
        case .append: try extend(with: try pop(1), at: start)
        case .appends: try extend(with: try popToMark(), at: start)
        case .emptyDict: pushDictionary()
        case .setitem: try set(try pop(2), at: start)
        case .setitems: try set(try popToMark(), at: start)
        case .binput: memo[try integer(1)] = try top()
        case .longBinput: memo[try integer(4)] = try top()
        case .memoize: memo[memo.count] = try top()
        case .binget: stack.append(try remembered(try integer(1), at: start))
        case .longBinget: stack.append(try remembered(try integer(4), at: start))
        case .global:
            let module = try line()
            stack.append(try global(module, try line(), at: start))
        case .stackGlobal:
            let names = try pop(2)
            guard case .text(let module) = names[0], case .text(let name) = names[1] else {
                throw error("names a function by something other than texts", at: start)
            }
            stack.append(try global(module, name, at: start))
        case .binpersid: stack.append(try storage(try pop(), at: start))
        case .reduce:
            let call = try pop(2)
            stack.append(try result(of: call[0], with: call[1], at: start))
        case .build:
            // An object's attributes, which nothing here has.
            _ = try pop()
            _ = try top()
        default: preconditionFailure("\(opcode.name) is read.")
        }
    }
}

// MARK: - Values

extension PickleReader {
    private func global(_ module: String, _ name: String, at start: Int) throws -> PickleValue {
        guard let global = PickleGlobal(module: module, name: name) else {
            throw refusal("asks for \(Self.shown(module)).\(Self.shown(name))", at: start)
        }
        return .global(global)
    }

    /// What a storage's description stands for: `('storage', type, key, device, count)`.
    private mutating func storage(_ value: PickleValue, at start: Int) throws -> PickleValue {
        guard case .tuple(let place) = value, contents.tuples[place].count >= 5,
            case .text("storage") = contents.tuples[place][0],
            case .global(let global) = contents.tuples[place][1],
            case .storage(let type) = global.meaning,
            case .text(let key) = contents.tuples[place][2],
            case .whole(let count) = contents.tuples[place][4], count >= 0
        else { throw error("has numbers that are not described as PyTorch does", at: start) }
        let block = StoredBlock(key: key, type: type, count: count)
        if let place = places[block] { return .storage(place) }
        places[block] = contents.storages.count
        contents.storages.append(block)
        return .storage(contents.storages.count - 1)
    }

    /// What calling a name on the list would make.
    private mutating func result(
        of function: PickleValue, with arguments: PickleValue, at start: Int
    ) throws -> PickleValue {
        guard case .global(let global) = function, case .tuple(let place) = arguments else {
            throw refusal("calls \(function.kind)", at: start)
        }
        let arguments = contents.tuples[place]
        switch global.meaning {
        case .dictionary:
            pushDictionary()
            return try pop()
        case .tensor: return .tensor(try tensor(arguments, at: start))
        case .parameter:
            if case .tensor(let tensor)? = arguments.first { return .tensor(tensor) }
            throw error("has a parameter that is no tensor", at: start)
        case .shape: return arguments.first ?? .other
        case .set, .other: return .other
        case .attribute:
            if arguments.count == 2, case .global(let owner) = arguments[0],
                case .schedule = owner.meaning, case .text(let name) = arguments[1],
                PickleGlobal.annealing.contains(name)
            {
                return .other
            }
            throw refusal("calls \(global) of something other than a schedule", at: start)
        case .schedule, .storage: throw refusal("calls \(global)", at: start)
        }
    }

    /// A tensor from (storage, offset, shape, strides, …), which must lie inside its storage.
    private func tensor(_ arguments: [PickleValue], at start: Int) throws -> StoredTensor {
        guard arguments.count >= 4, case .storage(let storage) = arguments[0],
            case .whole(let offset) = arguments[1], offset >= 0,
            let shape = wholes(arguments[2]), let strides = wholes(arguments[3]),
            shape.count == strides.count, shape.count <= 16
        else { throw error("has a tensor that is not described as PyTorch does", at: start) }
        let room = contents.storages[storage].count
        var (last, count) = (offset, 1)
        for (size, stride) in zip(shape, strides) {
            let (numbers, tooMany) = count.multipliedReportingOverflow(by: size)
            let (span, tooFar) = max(size - 1, 0).multipliedReportingOverflow(by: stride)
            let (end, beyond) = last.addingReportingOverflow(span)
            guard size >= 0, stride >= 0, !tooMany, !tooFar, !beyond else {
                throw error("has a tensor of impossible shape", at: start)
            }
            (last, count) = (end, numbers)
        }
        guard count == 0 ? offset <= room : last < room, count <= room else {
            throw error(
                "has a tensor of \(count) numbers that reaches beyond the \(room) of its storage",
                at: start)
        }
        return StoredTensor(storage: storage, offset: offset, shape: shape, strides: strides)
    }

    private func wholes(_ value: PickleValue) -> [Int]? {
        guard case .tuple(let place) = value else { return nil }
        var numbers: [Int] = []
        for item in contents.tuples[place] {
            guard case .whole(let number) = item else { return nil }
            numbers.append(number)
        }
        return numbers
    }
}

// MARK: - The stack

extension PickleReader {
    private mutating func push(tuple values: [PickleValue]) {
        contents.tuples.append(values)
        stack.append(.tuple(contents.tuples.count - 1))
    }

    private mutating func pushDictionary() {
        contents.dictionaries.append([])
        stack.append(.dictionary(contents.dictionaries.count - 1))
    }

    private func top() throws -> PickleValue {
        guard stack.count > (marks.last ?? 0), let value = stack.last else { throw shortStack() }
        return value
    }

    private mutating func pop() throws -> PickleValue {
        let value = try top()
        stack.removeLast()
        return value
    }

    private mutating func pop(_ count: Int) throws -> [PickleValue] {
        guard stack.count - (marks.last ?? 0) >= count else { throw shortStack() }
        defer { stack.removeLast(count) }
        return Array(stack.suffix(count))
    }

    private mutating func popToMark() throws -> [PickleValue] {
        guard let height = marks.popLast() else { throw shortStack() }
        defer { stack.removeLast(stack.count - height) }
        return Array(stack[height...])
    }

    private func shortStack() -> SourceError {
        error("has a pickle that takes more than it has put down", at: position - 1)
    }

    private mutating func extend(with values: [PickleValue], at start: Int) throws {
        switch try top() {
        case .list, .other: return
        case let value: throw error("adds to \(value.kind) as to a list", at: start)
        }
    }

    private mutating func set(_ values: [PickleValue], at start: Int) throws {
        let target = try top()
        if case .other = target { return }
        guard case .dictionary(let place) = target, values.count.isMultiple(of: 2) else {
            throw error("adds to \(target.kind) as to a dictionary", at: start)
        }
        for index in stride(from: 0, to: values.count, by: 2) {
            guard case .text(let key) = values[index] else { continue }
            contents.dictionaries[place].append((key, values[index + 1]))
        }
    }

    private func remembered(_ number: Int, at start: Int) throws -> PickleValue {
        guard let value = memo[number] else {
            throw error("recalls value \(number), which was never kept", at: start)
        }
        return value
    }
}

// MARK: - Bytes

extension PickleReader {
    private mutating func next(_ count: Int) throws -> ArraySlice<UInt8> {
        guard count <= bytes.count - position else {
            throw error("has a pickle that ends early", at: bytes.count)
        }
        defer { position += count }
        return bytes[position..<position + count]
    }

    /// An unsigned whole number, the lowest byte first.
    private mutating func integer(_ size: Int) throws -> Int {
        try next(size).reversed().reduce(0) { $0 << 8 | Int($1) }
    }

    /// A signed whole number of a length that stands before it.
    private mutating func long(at start: Int) throws -> Int {
        let size = try integer(1)
        guard size <= 8 else { throw error("has a whole number of \(size) bytes", at: start) }
        let bits = try next(size).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        let shift = UInt64(64 - 8 * size)
        return size == 0 ? 0 : Int(Int64(bitPattern: bits << shift) >> Int64(shift))
    }

    private mutating func text(of length: Int, at start: Int) throws -> String {
        guard let text = String(validating: try next(length), as: UTF8.self) else {
            throw error("has a text that is no UTF-8", at: start)
        }
        return text
    }

    /// A line of text, as names of functions stand.
    private mutating func line() throws -> String {
        let start = position
        guard let end = bytes[position...].prefix(512).firstIndex(of: 0x0A) else {
            throw error("has a name without an end", at: start)
        }
        let text = try text(of: end - position, at: start)
        position += 1
        return text
    }

    private func error(_ reason: String, at place: Int) -> SourceError {
        file.damaged(at: base + place, reason, advice: "save it again with torch.save")
    }

    private func refusal(_ what: String, at place: Int) -> SourceError {
        file.damaged(
            at: base + place, what + ", which no checkpoint of weights needs",
            advice: "save the model's state_dict alone with torch.save")
    }

    /// A foreign name as a sentence may hold it.
    private static func shown(_ name: String) -> String {
        let plain = name.unicodeScalars.prefix(100).map {
            $0.isASCII && $0.value > 0x20 && $0.value < 0x7F ? Character($0) : "?"
        }
        return String(plain)
    }
}
