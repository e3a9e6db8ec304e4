import ArgumentParser
import Cluster
import Foundation
import Launching
import Reporting
import Telemetry
import Tensors

@main
struct Denju: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "denju",
        abstract: "Distils large point-cloud segmentation networks into small ones, on CPUs.",
        discussion: """
            Start with a recipe and `denju train`. On several machines, `denju coordinator` and \
            `denju worker` do the same.

            Example: denju train --recipe distil.yaml --run runs/a
            """,
        version: Version.current,
        // The order of the help: runs, models, checkpoints, data, tools.
        subcommands: [
            TrainCommand.self, CoordinatorCommand.self, WorkerCommand.self, RelayCommand.self,
            StatusCommand.self, TraceCommand.self, TeachCommand.self, EvaluateCommand.self,
            PredictCommand.self, RenderCommand.self, ReportCommand.self, ImportCommand.self,
            ExportCommand.self, ProfileCommand.self, InspectCommand.self, VerifyCommand.self,
            DiffCommand.self, ScenesCommand.self, DataCommand.self, ObjectivesCommand.self,
            StudyCommand.self, KeysCommand.self, DoctorCommand.self, ManualCommand.self,
        ])

    static func main() {
        pinKernels()
        let settings = LaunchSettings.ofThisProcess
        runProgram(settings.arguments, attributing: settings.attributing)
    }

    /// Uses narrower kernels than the processor has, to compare their speed or bits.
    private static func pinKernels() {
        let name = "DENJU_KERNEL_WIDTH"
        guard let text = ProcessInfo.processInfo.environment[name] else { return }
        guard let width = Int(text), [0, 3, 4].contains(width) else {
            printMessage("\(name) is '\(text.visible())': set it to 4, 3 or 0, or remove it.")
            exit(withError: ExitCode.mistake)
        }
        Kernels.pin(width: width)
    }
}
