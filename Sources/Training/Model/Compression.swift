public import Networks

/// How large a network is.
public struct ModelSize: Sendable, Equatable {
    /// Numbers that are learnt.
    public let parameters: Int
    /// Bytes of its weights in a file, running statistics included.
    public let bytes: Int

    /// The size of a network.
    public init(_ network: any Network) {
        parameters = network.parameterCount
        bytes = 4 * network.specifications.reduce(0) { $0 + $1.count }
    }
}

/// How much smaller a student is than its teacher.
public struct Compression: Sendable, Equatable {
    /// The teacher's size.
    public let teacher: ModelSize
    /// The student's.
    public let student: ModelSize

    /// The compression of one network into another.
    public init(teacher: any Network, student: any Network) {
        self.teacher = ModelSize(teacher)
        self.student = ModelSize(student)
    }

    /// The teacher's parameters over the student's.
    public var ratio: Double { Double(teacher.parameters) / Double(max(student.parameters, 1)) }
}
