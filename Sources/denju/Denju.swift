import ArgumentParser

@main
struct Denju: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "denju", abstract: "Knowledge distillation for 3D point-cloud segmentation.")
}
