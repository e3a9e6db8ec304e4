// swift-tools-version: 6.2
import PackageDescription

/// How every Swift room is compiled: Swift 6, strict about memory, visibility and existentials.
let house: [SwiftSetting] = [
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]

/// C kernels are optimised in debug builds' stead by `target_clones`; no unsafe flags are needed.
let kernels: [CSetting] = [.define("_GNU_SOURCE")]

func room(_ name: String, uses dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: house)
}

func tests(
    of name: String, uses dependencies: [Target.Dependency] = [], resources: [Resource] = []
) -> Target {
    .testTarget(
        name: name + "Tests", dependencies: [.target(name: name)] + dependencies,
        resources: resources, swiftSettings: house)
}

let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let yaml = Target.Dependency.product(name: "Yams", package: "Yams")

let package = Package(
    name: "denju",
    products: [
        .executable(name: "denju", targets: ["denju"]),
        // With the modules whose types stand in its interface.
        .library(
            name: "DenjuInference",
            targets: ["DenjuInference", "PointClouds", "Networks", "Tensors"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
    ],
    targets: [
        // The system's libraries and our C.
        .systemLibrary(name: "COpenBLAS", providers: [.apt(["libopenblas-dev"])]),
        .systemLibrary(name: "CZeroMQ", providers: [.apt(["libzmq3-dev"])]),
        .systemLibrary(name: "CSodium", providers: [.apt(["libsodium-dev"])]),
        .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"])]),
        .target(name: "CKernels", cSettings: kernels),

        // Numbers and networks.
        room("Tensors", uses: ["CKernels", "COpenBLAS"]),
        room("PointClouds", uses: ["CKernels", "Tensors"]),
        room("Datasets", uses: ["PointClouds", "Tensors", "Checkpoints", "CZlib"]),
        room("Networks", uses: ["PointClouds", "Tensors"]),
        room("DenjuInference", uses: ["Tensors", "PointClouds", "Networks", "Checkpoints"]),
        room("Interchange", uses: ["Tensors", "Networks", "Checkpoints", "Datasets"]),
        room("Distillation", uses: ["Tensors", "PointClouds", "Networks"]),
        room("Checkpoints", uses: ["Tensors", "CKernels", "CSodium"]),
        room(
            "Training",
            uses: [
                "Tensors", "PointClouds", "Datasets", "Networks", "Distillation", "Checkpoints",
                "Interchange", "DenjuInference", yaml,
            ]),

        // Processes and wires.
        room("ZeroMQ", uses: ["CZeroMQ"]),
        room("Messages"),
        room("Telemetry"),
        room("Pictures", uses: ["CZlib"]),
        .target(
            name: "Reports", dependencies: ["Telemetry", "Pictures"],
            resources: ["page.css", "live.js", "theme.js", "viewer.js"].map {
                .embedInCode("Assets/" + $0)
            },
            swiftSettings: house),
        room(
            "Cluster",
            uses: [
                "Training", "Datasets", "Checkpoints", "Telemetry", "ZeroMQ", "Messages", "Tensors",
                logging,
            ]),
        .executableTarget(
            name: "denju",
            dependencies: [
                "Cluster", "Training", "DenjuInference", "Checkpoints", "Datasets", "PointClouds",
                "Networks", "Distillation", "Telemetry", "Pictures", "Reports", "ZeroMQ", "Tensors",
                "TensorTesting", "PointCloudTesting", "ClusterTesting", arguments, logging,
            ],
            swiftSettings: house),

        // Contracts that ship: what a new operation, objective, network or transport must pass.
        room("TensorTesting", uses: ["Tensors"]),
        room("PointCloudTesting", uses: ["PointClouds"]),
        room("NetworkTesting", uses: ["Tensors", "Networks", "Distillation", "PointClouds"]),
        room(
            "ClusterTesting",
            uses: [
                "Cluster", "Messages", "ZeroMQ", "Training", "Distillation", "Tensors", "Telemetry",
            ]),

        // Tests mirror the rooms.
        tests(of: "Tensors", uses: ["TensorTesting", "CKernels"]),
        tests(of: "PointClouds", uses: ["PointCloudTesting", "CKernels", "Tensors"]),
        tests(
            of: "Datasets", uses: ["PointClouds", "Tensors"], resources: [.copy("Fixtures")]),
        tests(
            of: "Networks",
            uses: ["NetworkTesting", "TensorTesting", "PointClouds", "Checkpoints", "Tensors"],
            resources: [.copy("Fixtures")]),
        tests(
            of: "Distillation",
            uses: ["NetworkTesting", "TensorTesting", "Networks", "PointClouds", "Tensors"],
            resources: [.copy("References")]),
        tests(of: "Checkpoints", uses: ["Tensors"]),
        tests(
            of: "DenjuInference", uses: ["Networks", "PointClouds", "Checkpoints", "Tensors"]),
        tests(
            of: "Interchange",
            uses: ["Networks", "PointClouds", "Datasets", "Checkpoints", "Tensors"],
            resources: [.copy("Fixtures")]),
        tests(
            of: "Training",
            uses: ["Tensors", "Networks", "Distillation", "Datasets", "PointClouds", "Checkpoints"]),
        tests(of: "ZeroMQ"),
        tests(of: "Messages", uses: ["ClusterTesting"]),
        tests(of: "Telemetry"),
        tests(of: "Pictures"),
        tests(of: "Reports", uses: ["Telemetry", "Pictures"]),
        tests(
            of: "Cluster",
            uses: [
                "ClusterTesting", "Messages", "ZeroMQ", "Distillation", "Training", "Datasets",
                "PointClouds", "Checkpoints", "Tensors",
            ]),
        .testTarget(
            name: "EndToEnd",
            dependencies: ["denju", "Checkpoints", "Interchange", "Messages", "Tensors", "ZeroMQ"],
            swiftSettings: house),
    ],
    swiftLanguageModes: [.v6],
    cLanguageStandard: .gnu17
)
