// swift-tools-version: 6.2
import PackageDescription

/// Settings of every Swift target: Swift 6, strict about memory, visibility and existentials.
let strict: [SwiftSetting] = [
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]

/// Settings of commands and reports: not optimised.
///
/// None of their code is hot, but they compile last, while one of two processors idles: optimising them took
/// 10 of 120 seconds of a clean release build.
let unoptimised = strict + [.unsafeFlags(["-Onone"], .when(configuration: .release))]

/// Settings of the C kernels; `target_clones` selects a vector width at run time, so no unsafe flags are needed.
let kernels: [CSetting] = [.define("_GNU_SOURCE")]

func module(
    _ name: String, uses dependencies: [Target.Dependency] = [], settings: [SwiftSetting] = strict
) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

func tests(
    of name: String, uses dependencies: [Target.Dependency] = [], resources: [Resource] = []
) -> Target {
    .testTarget(
        name: name + "Tests", dependencies: [.target(name: name)] + dependencies,
        resources: resources, swiftSettings: strict)
}

let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let yaml = Target.Dependency.product(name: "Yams", package: "Yams")

let package = Package(
    name: "denju",
    products: [
        .executable(name: "denju", targets: ["denju"]),
        // Includes the modules whose types appear in its interface.
        .library(
            name: "DenjuInference",
            targets: ["DenjuInference", "PointClouds", "Networks", "Tensors"]),
        // The objects of the C library; cluster/library links them with the runtime.
        .library(name: "DenjuC", type: .static, targets: ["DenjuC"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
    ],
    targets: [
        // System libraries and the C kernels.
        .systemLibrary(name: "COpenBLAS", providers: [.apt(["libopenblas-dev"])]),
        .systemLibrary(name: "CZeroMQ", providers: [.apt(["libzmq3-dev"])]),
        .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"])]),
        .target(name: "CKernels", cSettings: kernels),

        // Tensors, networks and training.
        module("Spelling"),
        module("Settings", uses: ["Spelling", yaml]),
        module("Tensors", uses: ["CKernels"]),
        module("OpenBLAS", uses: ["Tensors", "COpenBLAS"]),
        module("PointClouds", uses: ["Spelling", "CKernels", "Tensors"]),
        module("Files", uses: ["Tensors", "CKernels"]),
        module("ZipArchives", uses: ["Files", "CZlib"]),
        module("Formats", uses: ["ZipArchives", "Files", "PointClouds", "Tensors"]),
        module("Scenes", uses: ["PointClouds", "Tensors"]),
        module(
            "Datasets",
            uses: [
                "Spelling", "ZipArchives", "Files", "Formats", "Scenes", "PointClouds",
                "Tensors",
            ]),
        module("Networks", uses: ["Spelling", "PointClouds", "Tensors"]),
        module(
            "DenjuInference", uses: ["Files", "Tensors", "PointClouds", "Networks", "Checkpoints"]),
        // The interface for C: a header, and its implementation in Swift (cluster/library links it).
        .target(name: "CDenju"),
        module(
            "DenjuC",
            uses: ["CDenju", "DenjuInference", "Networks", "PointClouds", "Tensors"]),
        module(
            "Interchange", uses: ["Files", "Tensors", "Networks", "Checkpoints", "ZipArchives"]),
        module(
            "Distillation",
            uses: ["Settings", "Spelling", "Tensors", "PointClouds", "Networks", yaml]),
        module("Checkpoints", uses: ["Files", "Tensors"]),
        module(
            "Training",
            uses: [
                "Settings", "Tensors", "PointClouds", "ZipArchives", "Datasets", "Networks",
                "Distillation", "Files", "Checkpoints", "Interchange", "DenjuInference", yaml,
            ]),

        // Processes and messages.
        module("Addresses"),
        module("ZeroMQ", uses: ["Addresses", "CZeroMQ"]),
        module("Messages"),
        module("Telemetry", uses: ["Addresses"]),
        module("Pictures", uses: ["CZlib"]),
        module(
            "Cluster",
            uses: [
                "Settings", "Training", "Datasets", "Files", "Checkpoints", "Telemetry", "ZeroMQ",
                "Messages", "OpenBLAS", "Tensors",
            ]),
        .target(
            name: "Reporting",
            dependencies: [
                "Training", "DenjuInference", "Files", "Checkpoints", "Datasets", "PointClouds",
                "Networks", "Distillation", "Telemetry", "Pictures", "Tensors",
            ],
            resources: ["page.css", "live.js", "theme.js", "viewer.js"].map {
                .embedInCode("Assets/" + $0)
            },
            swiftSettings: unoptimised),
        module(
            "Launching",
            uses: [
                "Addresses", "Cluster", "Training", "Telemetry", "Reporting", "ZeroMQ", arguments,
            ],
            settings: unoptimised),
        module(
            "Studies",
            uses: [
                "Launching", "Reporting", "Cluster", "Training", "DenjuInference", "Datasets",
                "PointClouds", "Networks", "Telemetry",
            ],
            settings: unoptimised),

        // Programs.
        .executableTarget(
            name: "denju",
            dependencies: [
                "Addresses", "Launching", "Reporting", "Studies", "Cluster", "Training",
                "DenjuInference",
                "Files", "Interchange", "Checkpoints", "Datasets", "Formats", "PointClouds",
                "Networks",
                "Distillation", "Telemetry", "Pictures", "ZeroMQ", "OpenBLAS", "Tensors", arguments,
            ],
            swiftSettings: unoptimised),
        .executableTarget(
            // Not a product: a developer's program, which builds on the test kits.
            name: "denju-bench",
            dependencies: [
                "Launching", "Reporting", "Cluster", "Training", "DenjuInference", "Files",
                "Checkpoints",
                "Datasets", "Formats", "PointClouds", "Networks", "Distillation", "Settings",
                "Telemetry", "ZeroMQ", "OpenBLAS", "Tensors", "TensorTesting", "PointCloudTesting",
                "CheckpointTesting", "ClusterTesting", "DatasetTesting", arguments,
            ],
            path: "Sources/DenjuBench",
            swiftSettings: strict),

        // Test kits: contracts that a new operation, objective, network or transport must pass.
        module("TensorTesting", uses: ["Tensors"]),
        module("PointCloudTesting", uses: ["PointClouds"]),
        module(
            "DatasetTesting",
            uses: [
                "Datasets", "PointClouds", "Formats", "ZipArchives", "Tensors", "TensorTesting",
            ]),
        module("NetworkTesting", uses: ["Tensors", "Networks", "Distillation", "PointClouds"]),
        module("CheckpointTesting", uses: ["Files", "Checkpoints"]),
        module(
            "ClusterTesting",
            uses: [
                "Cluster", "Messages", "ZeroMQ", "Training", "Networks", "Distillation",
                "OpenBLAS", "Tensors", "TensorTesting", "Telemetry",
            ]),

        // Tests mirror the modules.
        tests(of: "Settings", uses: ["Spelling"]),
        tests(of: "Tensors", uses: ["TensorTesting", "CKernels"]),
        tests(of: "OpenBLAS", uses: ["TensorTesting", "Tensors"]),
        tests(of: "PointClouds", uses: ["PointCloudTesting", "CKernels", "Tensors"]),
        tests(of: "ZipArchives"),
        tests(of: "Formats", uses: ["ZipArchives", "PointClouds"], resources: [.copy("Fixtures")]),
        tests(of: "Scenes", uses: ["PointClouds", "Tensors"]),
        tests(
            of: "Datasets",
            uses: ["DatasetTesting", "ZipArchives", "Formats", "PointClouds", "Tensors"]),
        tests(
            of: "Networks",
            uses: ["NetworkTesting", "TensorTesting", "PointClouds", "Checkpoints", "Tensors"],
            resources: [.copy("Fixtures")]),
        tests(
            of: "Distillation",
            uses: [
                "Settings", "NetworkTesting", "TensorTesting", "Networks", "PointClouds", "Tensors",
            ],
            resources: [.copy("References")]),
        tests(of: "Files", uses: ["CheckpointTesting", "CKernels"]),
        tests(of: "Checkpoints", uses: ["Files", "CheckpointTesting", "Tensors"]),
        tests(
            of: "DenjuInference", uses: ["Networks", "PointClouds", "Checkpoints", "Tensors"]),
        tests(
            of: "Interchange",
            uses: ["Networks", "PointClouds", "ZipArchives", "Checkpoints", "Tensors"],
            resources: [.copy("Fixtures")]),
        tests(
            of: "Training",
            uses: [
                "Interchange", "CheckpointTesting", "NetworkTesting", "TensorTesting", "Settings",
                "Tensors",
                "Networks",
                "Distillation", "Datasets", "PointClouds", "Checkpoints",
            ], resources: [.copy("Fixtures")]),
        tests(of: "ZeroMQ"),
        tests(of: "Messages", uses: ["ClusterTesting"]),
        tests(of: "Telemetry", uses: ["Addresses"]),
        tests(of: "Pictures"),
        tests(of: "Reporting", uses: ["Telemetry", "Pictures"]),
        tests(
            of: "Cluster",
            uses: [
                "ClusterTesting", "Messages", "ZeroMQ", "Distillation", "Training", "Datasets",
                "ZipArchives", "PointClouds", "Checkpoints", "OpenBLAS", "Tensors",
            ]),
        .testTarget(
            name: "EndToEnd",
            dependencies: [
                "denju", "denju-bench", "Checkpoints", "Interchange", "Messages", "Tensors",
                "ZeroMQ",
            ],
            resources: [.copy("Cases")], swiftSettings: strict),
    ],
    swiftLanguageModes: [.v6],
    cLanguageStandard: .gnu17
)

// Coverage-guided fuzzing, built by cluster/fuzz only: libFuzzer brings the program's main function.
if Context.environment["DENJU_FUZZ"] != nil {
    package.targets.append(
        .executableTarget(
            name: "denju-fuzz",
            dependencies: [
                "ZipArchives", "Checkpoints", "ClusterTesting", "Datasets", "Formats",
                "Interchange", "Messages", "Tensors", "Training",
            ],
            path: "Sources/DenjuFuzz",
            swiftSettings: strict + [.unsafeFlags(["-parse-as-library"])]))
}
