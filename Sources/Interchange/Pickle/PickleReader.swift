import Checkpoints
import ZipArchives

/// Reads the pickle of a PyTorch checkpoint without executing anything.
///
/// A pickle is a program for a stack machine. Here its instructions only build values of
/// ``PickleValue``; names of functions are compared with a list (``PickleGlobal``), and a call extracts
/// numbers from its arguments. Messages name a rejected instruction or function.
///
/// Time and memory are proportional to the length of the pickle: every instruction takes at least a
/// byte and makes at most one value, and shared values are not copied. The number of instructions is
/// limited, as a value takes tens of bytes.
struct PickleReader {
    // Checkpoints of the largest networks, with their optimisers, have some hundred thousand.
    static let largestInstructionCount = 1 << 24

    private let file: InputFile
    private let bytes: [UInt8]
    /// Offset of the pickle in the file.
    private let base: Int
    private var position = 0
    private var stack: [PickleValue] = []
    /// Heights of the stack at the marks that are set.
    private var marks: [Int] = []
    private var memo: [Int: PickleValue] = [:]
    private var contents = PickleContents()
    private var storageIndices: [StoredBlock: Int] = [:]

    /// Reads a pickle.
    ///
    /// - Parameters:
    ///   - bytes: the pickle.
    ///   - file: file of the pickle, for messages.
    ///   - base: offset of the pickle in the file.
    ///   - limit: the most instructions.
    static func contents(
        of bytes: [UInt8], file: InputFile, at base: Int, limit: Int = largestInstructionCount
    ) throws -> PickleContents {
        var reader = PickleReader(file: file, bytes: bytes, base: base)
        return try reader.run(limit: limit)
    }

    private init(file: InputFile, bytes: [UInt8], base: Int) {
        self.file = file
        self.bytes = bytes
        self.base = base
    }

    private mutating func run(limit: Int) throws -> PickleContents {
        var instructions = 0
        while true {
            let start = position
            instructions += 1
            guard instructions <= limit else {
                throw error("has more than \(limit) pickle instructions", at: start)
            }
            let byte = UInt8(try integer(1))
            guard let opcode = PickleOpcode(rawValue: byte) else {
                throw error("has the unknown pickle instruction \(byte)", at: start)
            }
            guard opcode.isRead else {
                throw rejection("has the pickle instruction \(opcode.name)", at: start)
            }
            if opcode == .stop {
                contents.root = try pop()
                guard stack.isEmpty, marks.isEmpty else {
                    throw error("has a pickle that ends with unused values", at: start)
                }
                return contents
            }
            try execute(opcode, at: start)
        }
    }

    private mutating func execute(_ opcode: PickleOpcode, at start: Int) throws {
        switch opcode {
        case .proto:
            let version = try integer(1)
            guard version >= 2, version <= 5, start == 0 else {
                throw error("has a pickle of protocol \(version) instead of 2 to 5", at: start)
            }
        // A frame's length only helps readers to buffer.
        case .frame: _ = try next(8)
        case .none: stack.append(.none)
        case .newtrue: stack.append(.boolean(true))
        case .newfalse: stack.append(.boolean(false))
        case .binint: stack.append(.integer(Int(Int32(truncatingIfNeeded: try integer(4)))))
        case .binint1: stack.append(.integer(try integer(1)))
        case .binint2: stack.append(.integer(try integer(2)))
        case .long1: stack.append(.integer(try long(at: start)))
        case .binfloat:
            // The only big-endian number of a pickle.
            let bits = try next(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            stack.append(.real(Double(bitPattern: bits)))
        case .binunicode: stack.append(.string(try string(of: integer(4), at: start)))
        case .shortBinunicode: stack.append(.string(try string(of: integer(1), at: start)))
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
        case .emptyList:
            contents.lists.append([])
            stack.append(.list(contents.lists.count - 1))
        case .append: try extend(with: try pop(1), at: start)
        case .appends: try extend(with: try popToMark(), at: start)
        case .emptyDict: pushDictionary()
        case .setitem: try set(try pop(2), at: start)
        case .setitems: try set(try popToMark(), at: start)
        case .binput: memo[try integer(1)] = try top()
        case .longBinput: memo[try integer(4)] = try top()
        case .memoize: memo[memo.count] = try top()
        case .binget: stack.append(try memoized(try integer(1), at: start))
        case .longBinget: stack.append(try memoized(try integer(4), at: start))
        case .global:
            let module = try line()
            stack.append(try global(module, try line(), at: start))
        case .stackGlobal:
            let names = try pop(2)
            guard case .string(let module) = names[0], case .string(let name) = names[1] else {
                throw error("has a function whose name is not a string", at: start)
            }
            stack.append(try global(module, name, at: start))
        case .binpersid: stack.append(try storage(try pop(), at: start))
        case .reduce:
            let call = try pop(2)
            stack.append(try result(of: call[0], with: call[1], at: start))
        case .build:
            // Sets attributes of an object, which no value here has.
            _ = try pop()
            _ = try top()
        default: preconditionFailure("The pickle instruction \(opcode.name) is not implemented.")
        }
    }
}

// MARK: - Values

extension PickleReader {
    private func global(_ module: String, _ name: String, at start: Int) throws -> PickleValue {
        guard let global = PickleGlobal(module: module, name: name) else {
            throw rejection("names \(Self.printable(module)).\(Self.printable(name))", at: start)
        }
        return .global(global)
    }

    /// Reads the description of a storage: `('storage', type, key, device, count)`.
    private mutating func storage(_ value: PickleValue, at start: Int) throws -> PickleValue {
        guard case .tuple(let index) = value, contents.tuples[index].count >= 5,
            case .string("storage") = contents.tuples[index][0],
            case .global(let global) = contents.tuples[index][1],
            case .storage(let type) = global.meaning,
            case .string(let key) = contents.tuples[index][2],
            case .integer(let count) = contents.tuples[index][4], count >= 0
        else { throw error("has a storage that PyTorch would not write", at: start) }
        let block = StoredBlock(key: key, type: type, count: count)
        if let index = storageIndices[block] { return .storage(index) }
        storageIndices[block] = contents.storages.count
        contents.storages.append(block)
        return .storage(contents.storages.count - 1)
    }

    /// Result of calling a function or type, as far as weights need it.
    private mutating func result(
        of function: PickleValue, with arguments: PickleValue, at start: Int
    ) throws -> PickleValue {
        guard case .global(let global) = function, case .tuple(let index) = arguments else {
            throw rejection("calls \(function.kind)", at: start)
        }
        let arguments = contents.tuples[index]
        switch global.meaning {
        case .dictionary:
            pushDictionary()
            return try pop()
        case .tensor: return .tensor(try tensor(arguments, at: start))
        case .parameter:
            if case .tensor(let tensor)? = arguments.first { return .tensor(tensor) }
            throw error("has a parameter that is not a tensor", at: start)
        case .shape: return arguments.first ?? .other
        case .set, .other: return .other
        case .attribute:
            if arguments.count == 2, case .global(let owner) = arguments[0],
                case .schedule = owner.meaning, case .string(let name) = arguments[1],
                PickleGlobal.annealing.contains(name)
            {
                return .other
            }
            throw rejection("calls \(global) on a value that is not a schedule", at: start)
        case .schedule, .storage: throw rejection("calls \(global)", at: start)
        }
    }

    /// Reads a tensor from (storage, offset, shape, strides, …); throws if it exceeds its storage.
    private func tensor(_ arguments: [PickleValue], at start: Int) throws -> StoredTensor {
        guard arguments.count >= 4, case .storage(let storage) = arguments[0],
            case .integer(let offset) = arguments[1], offset >= 0,
            let shape = integers(arguments[2]), let strides = integers(arguments[3]),
            shape.count == strides.count, shape.count <= 16
        else { throw error("has a tensor that PyTorch would not write", at: start) }
        let available = contents.storages[storage].count
        // Sizes come from the file: every sum and product is checked for overflow.
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
        // A view with strides of 0 repeats numbers and would let a small file declare a tensor of any
        // size.
        guard count == 0 ? offset <= available : last < available, count <= available else {
            throw error(
                "has a tensor of \(count) numbers that reaches beyond the \(available) of its "
                    + "storage", at: start)
        }
        return StoredTensor(storage: storage, offset: offset, shape: shape, strides: strides)
    }

    private func integers(_ value: PickleValue) -> [Int]? {
        guard case .tuple(let index) = value else { return nil }
        var numbers: [Int] = []
        for item in contents.tuples[index] {
            guard case .integer(let number) = item else { return nil }
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

    // Values below the last mark belong to an outer list and cannot be taken.
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
        error("has a pickle that takes a value from an empty stack", at: position - 1)
    }

    private mutating func extend(with values: [PickleValue], at start: Int) throws {
        switch try top() {
        case .list(let list): contents.lists[list] += values
        case .other: return
        case let value: throw error("has \(value.kind) instead of a list to extend", at: start)
        }
    }

    private mutating func set(_ values: [PickleValue], at start: Int) throws {
        let target = try top()
        if case .other = target { return }
        guard case .dictionary(let dictionary) = target, values.count.isMultiple(of: 2) else {
            throw error("has \(target.kind) instead of a dictionary to extend", at: start)
        }
        for index in stride(from: 0, to: values.count, by: 2) {
            guard case .string(let key) = values[index] else { continue }
            contents.dictionaries[dictionary].append((key, values[index + 1]))
        }
    }

    private func memoized(_ number: Int, at start: Int) throws -> PickleValue {
        guard let value = memo[number] else {
            throw error("reads the memoized value \(number), which was never stored", at: start)
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

    /// Reads an unsigned little-endian integer.
    private mutating func integer(_ size: Int) throws -> Int {
        try next(size).reversed().reduce(0) { $0 << 8 | Int($1) }
    }

    /// Reads a signed little-endian integer after its length.
    private mutating func long(at start: Int) throws -> Int {
        let size = try integer(1)
        guard size <= 8 else { throw error("has an integer of \(size) bytes", at: start) }
        let bits = try next(size).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        let shift = UInt64(64 - 8 * size)
        return size == 0 ? 0 : Int(Int64(bitPattern: bits << shift) >> Int64(shift))
    }

    private mutating func string(of length: Int, at start: Int) throws -> String {
        guard let string = String(validating: try next(length), as: UTF8.self) else {
            throw error("has a string of invalid UTF-8", at: start)
        }
        return string
    }

    /// Reads a line of text, the format of function names.
    private mutating func line() throws -> String {
        let start = position
        guard let end = bytes[position...].prefix(512).firstIndex(of: 0x0A) else {
            throw error("has an unterminated name", at: start)
        }
        let name = try string(of: end - position, at: start)
        position += 1
        return name
    }

    private func error(_ reason: String, at offset: Int) -> SourceError {
        file.damaged(at: base + offset, reason, advice: "save it again with torch.save")
    }

    private func rejection(_ what: String, at offset: Int) -> SourceError {
        file.damaged(
            at: base + offset, what + ", which no checkpoint of weights needs",
            advice: "save the model's state_dict alone with torch.save")
    }

    /// Replaces characters that could change how a message is displayed, and limits the length.
    private static func printable(_ name: String) -> String {
        let plain = name.unicodeScalars.prefix(100).map {
            $0.isASCII && $0.value > 0x20 && $0.value < 0x7F ? Character($0) : "?"
        }
        return String(plain)
    }
}
