/// A worker's first words: what it is and how it computes.
package struct Hello: MessageFields {
    /// Its number.
    package static let kind = MessageKind.hello

    /// The version of denju it runs.
    package var toolVersion: String
    /// What it wishes to be called.
    package var name: String
    /// How many micro-shards it computes at once.
    package var threads: UInt32
    /// Its process on its host.
    package var processID: UInt32
    /// Its host.
    package var hostName: String
    /// The OpenBLAS core in force, as OpenBLAS calls it.
    package var blasCore: String
    /// The width of our own kernels in force.
    package var kernelWidth: UInt8
    /// The digest of the canary computation: equal digests, equal arithmetic.
    package var canary: Digest

    /// A message of the given fields.
    package init(
        toolVersion: String, name: String, threads: UInt32, processID: UInt32, hostName: String,
        blasCore: String, kernelWidth: UInt8, canary: Digest
    ) {
        self.toolVersion = toolVersion
        self.name = name
        self.threads = threads
        self.processID = processID
        self.hostName = hostName
        self.blasCore = blasCore
        self.kernelWidth = kernelWidth
        self.canary = canary
    }

    /// Reads the fields in order.
    package init(from reader: inout ByteReader) throws(MessageError) {
        toolVersion = try reader.text("tool version", limit: Limits.nameBytes)
        name = try reader.text("name", limit: Limits.nameBytes)
        threads = try reader.read("threads")
        processID = try reader.read("process id")
        hostName = try reader.text("host name", limit: Limits.nameBytes)
        blasCore = try reader.text("BLAS core", limit: Limits.nameBytes)
        kernelWidth = try reader.read("kernel width")
        canary = try reader.read("canary")
        try reader.require(threads > 0, "has no threads")
    }

    /// Writes the fields in order.
    package func write(to writer: inout ByteWriter) throws(MessageError) {
        try writer.text(toolVersion, "tool version", limit: Limits.nameBytes)
        try writer.text(name, "name", limit: Limits.nameBytes)
        try writer.write(threads)
        try writer.write(processID)
        try writer.text(hostName, "host name", limit: Limits.nameBytes)
        try writer.text(blasCore, "BLAS core", limit: Limits.nameBytes)
        try writer.write(kernelWidth)
        try writer.write(canary)
    }
}
