using System.Net.Sockets;
using Ambry.Protocol;

namespace Ambry.Network;

/// <summary>A piece of a file to a socket without passing through this process: sendfile on Linux. Stateless.</summary>
internal static class FileSending
{
    public static async ValueTask SendAsync(Socket socket, PeerContent content)
    {
#pragma warning disable RS0030 // The socket asks for a stream; only its handle is used, nothing is read here.
        var file = new FileStream(content.File, FileAccess.Read, bufferSize: 0, content.File.IsAsync);
#pragma warning restore RS0030 // As above.

        // Never disposed, nor finalized: the handle is the lease's to close.
        GC.SuppressFinalize(file);
        using var arguments = new SocketAsyncEventArgs
        {
            SendPacketsElements = [new SendPacketsElement(file, content.FileOffset, content.Length)],
        };
        var sent = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        arguments.Completed += (_, done) => Complete(sent, done);
        if (!socket.SendPacketsAsync(arguments))
        {
            Complete(sent, arguments);
        }

        await sent.Task.ConfigureAwait(false);
        if (arguments.BytesTransferred != content.Length)
        {
            throw new IOException("The file ended before the content did.");
        }
    }

    private static void Complete(TaskCompletionSource sent, SocketAsyncEventArgs done)
    {
        if (done.SocketError == SocketError.Success)
        {
            sent.TrySetResult();
        }
        else
        {
            sent.TrySetException(new SocketException((int)done.SocketError));
        }
    }
}
