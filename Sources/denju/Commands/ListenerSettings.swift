import Cluster
import Launching
import Reporting
import ZeroMQ

extension ListenerSettings {
    /// Admits the workers whose public keys are in a folder, which is read again on SIGHUP.
    ///
    /// - Parameter key: the file of the listener's own secret key.
    mutating func admit(_ workers: String, key: String) throws {
        let folder = try KeyFolder(workers)
        let own = try OwnKeyFile(key)
        keys = (own.pair, folder.keys)
        (keyFolder, ownKey) = (folder, own)
        if folder.keys.count == 0 {
            printMessage(
                "\(workers) holds no public keys (*.pub): no worker can join until one is added.")
        }
        onHangUpSignal { folder.requestReload() }
    }
}
