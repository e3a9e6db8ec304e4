import Files
import PointCloudTesting
import PointClouds
import Tensors

/// Operations from points to the networks' geometry, and hashing.
///
/// They compute with integers, so that their bound is memory bandwidth.
struct CloudCases {
    let scene: KernelScene

    var all: [KernelCase] { curves + sorting + neighbours + hierarchy + patches + voxels + bytes }

    private var depth: Int { scene.hierarchy.stages[0].depths[0] }

    private var curves: [KernelCase] {
        let cells = scene.cells
        return [CurveOrder.z, .hilbert].map { curve in
            let depth = depth
            let reference = KernelCase.Reference {
                for cell in cells { _ = plainCode(of: cell, depth: depth, curve: curve) }
            }
            return .of(
                "curve codes", "\(cells.count), \(curve)", .init(bytes: cells.count * 24),
                reference: reference
            ) {
                _ = curve.codes(of: cells, depth: depth)
            }
        }
    }

    private var sorting: [KernelCase] {
        let codes = CurveOrder.hilbert.codes(of: scene.cells, depth: depth)
        return [
            .of(
                "sorting order", "\(codes.count)", .init(bytes: codes.count * 12),
                reference: .init { _ = plainOrder(of: codes) }
            ) { _ = sortingOrder(codes) }
        ]
    }

    private var neighbours: [KernelCase] {
        let cells = scene.cells
        let geometry = scene.hierarchy
        return [3, 5].map { size in
            let pairs = geometry.stages[0].kernelMap(size: size).inputs.count
            return KernelCase(
                "kernel map", "\(cells.count), \(size)³",
                .init(bytes: cells.count * 16 + pairs * 8)
            ) {
                .init(reference: .init { _ = plainPairs(of: cells, size: size) }) {
                    // A stage caches its kernel maps, so that each repetition needs a new one.
                    let stage = try PointHierarchy(gridCoordinates: [cells], strides: []).stages[0]
                    return { _ = stage.kernelMap(size: size) }
                }
            }
        }
    }

    private var hierarchy: [KernelCase] {
        let cells = scene.cells
        let depth = depth
        let curves = CurveOrder.allCases
        let rows = scene.hierarchy.stages.reduce(0) { $0 + $1.rows }
        let reference = KernelCase.Reference {
            _ = plainOrders(of: cells, depth: depth, poolings: 4, curves: curves)
        }
        return [
            .of(
                "hierarchy", "\(cells.count), 4 curves, 5 stages",
                .init(bytes: rows * (16 + 4 * curves.count + 12)), reference: reference
            ) { _ = try PointHierarchy(gridCoordinates: [cells], strides: [2, 2, 2, 2]) }
        ]
    }

    private var patches: [KernelCase] {
        let stage = scene.hierarchy.stages[0]
        return [
            .of("patch plan", "\(stage.rows), patch 128", .init(bytes: stage.rows * 8)) {
                _ = PatchPlan(
                    order: stage.orders[0], cloudRanges: stage.cloudRanges, patchSize: 128)
            }
        ]
    }

    private var voxels: [KernelCase] {
        let cloud = scene.cloud
        let points = scene.points
        let size = KernelScene.gridSize
        let reference = KernelCase.Reference { _ = plainVoxels(of: points, gridSize: size) }
        return [
            .of("voxels", "\(points.count)", .init(bytes: points.count * 84), reference: reference)
            {
                _ = try VoxelCloud(cloud, gridSize: size)
            }
        ]
    }

    private var bytes: [KernelCase] {
        let size = 4 << 20
        let bytes = [UInt8](repeating: 0xa5, count: size)
        return [
            .of("SHA-256", "\(size >> 20) MiB", .init(bytes: size)) { _ = SHA256(of: bytes) }
        ]
    }
}
