package import Networks

/// How large a network is.
package struct ModelSize: Sendable, Equatable {
    /// Numbers that are learnt.
    package let parameters: Int
    /// Bytes of its weights in a file, running statistics included.
    package let bytes: Int

    /// The size of a network.
    package init(_ network: any Network) {
        parameters = network.parameterCount
        bytes = 4 * network.specifications.reduce(0) { $0 + $1.count }
    }
}

/// How much smaller a student is than its teacher.
package struct Compression: Sendable, Equatable {
    /// The teacher's size.
    package let teacher: ModelSize
    /// The student's.
    package let student: ModelSize

    /// The compression of one network into another.
    package init(teacher: any Network, student: any Network) {
        self.teacher = ModelSize(teacher)
        self.student = ModelSize(student)
    }

    /// The teacher's parameters over the student's.
    package var ratio: Double { Double(teacher.parameters) / Double(max(student.parameters, 1)) }
}
