import Cluster
import Launching
import ZeroMQ

extension ListenerSettings {
    /// Admits the workers whose public keys are in a folder, which is read again on SIGHUP.
    ///
    /// - Parameter key: the file of the listener's own secret key.
    mutating func admit(_ workers: String, key: String) throws {
        let folder = try KeyFolder(workers)
        keys = (try CurveKeyPair(secretKeyFile: key), folder.keys)
        keyFolder = folder
        onHangUpSignal { folder.requestReload() }
    }
}
