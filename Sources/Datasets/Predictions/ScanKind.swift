import Files
import Foundation
import ZipArchives

/// The format of a scan, by its contents; by its name only if the format has no signature.
enum ScanKind: Equatable {
    case kitti
    case nuScenes
    /// LAS or LAZ, with the suffix that a copy has.
    case las(String)
    case ply
    case pcd
    case other

    init(_ path: String?) {
        guard let path else {
            self = .kitti
            return
        }
        self = Self.ofContents(path) ?? Self.ofName(Self.named(path))
    }

    /// The path whose name tells the format: that of a symbolic link's target if its own does not.
    static func named(_ path: String) -> String {
        guard ofName(path) == .other else { return path }
        let target = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
        return ofName(target) == .other ? path : target
    }

    private static func ofContents(_ path: String) -> ScanKind? {
        if Folders.isFolder(path) { return .other }
        guard let file = try? InputFile(path), let signature = try? file.signature() else {
            return nil
        }
        switch signature {
        case .las:
            if case .las(let suffix) = ofName(path) { return .las(suffix) }
            // LASzip marks compressed points in the highest bit of the point format.
            let format = try? file.bytes(104..<105)[0]
            return .las((format ?? 0) & 0x80 == 0 ? ".las" : ".laz")
        case .ply: return .ply
        case .pcd: return .pcd
        case .numPyArray, .zip: return .other
        default: return nil
        }
    }

    private static func ofName(_ path: String) -> ScanKind {
        let name = path.lowercased()
        if name.hasSuffix(".las") || name.hasSuffix(".laz") { return .las(String(path.suffix(4))) }
        if name.hasSuffix(".ply") { return .ply }
        if name.hasSuffix(".pcd") { return .pcd }
        if name.hasSuffix(".pcd.bin") { return .nuScenes }
        return name.hasSuffix(".bin") ? .kitti : .other
    }
}
