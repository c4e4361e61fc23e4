namespace Ambry.Metadata.Engine;

/// <summary>
/// LiteDB's data stream over a <see cref="PageFile"/>. Flush means nothing here: what LiteDB flushes is a checkpoint
/// staged, and only the engine knows when the pages add up to the state at one log index. Engine's thread only.
/// </summary>
internal sealed class PageStream(PageFile pages) : Stream
{
    private readonly byte[] _page = new byte[PageFile.PageBytes];

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => true;

    public override long Length => pages.LengthBytes;

    public override long Position { get; set; }

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count)
    {
        var wanted = (int)Math.Min(count, Math.Max(0, Length - Position));
        for (var done = 0; done < wanted;)
        {
            var (page, inPage) = Math.DivRem(Position, PageFile.PageBytes);
            var part = (int)Math.Min(wanted - done, PageFile.PageBytes - inPage);
            if (part == PageFile.PageBytes)
            {
                pages.Read(page, buffer.AsMemory(offset + done, part));
            }
            else
            {
                pages.Read(page, _page);
                _page.AsSpan((int)inPage, part).CopyTo(buffer.AsSpan(offset + done));
            }

            done += part;
            Position += part;
        }

        return wanted;
    }

    public override void Write(byte[] buffer, int offset, int count)
    {
        if (Position % PageFile.PageBytes != 0 || count % PageFile.PageBytes != 0)
        {
            throw new NotSupportedException("The data file is written in whole pages.");
        }

        for (var done = 0; done < count; done += PageFile.PageBytes)
        {
            pages.Write(Position / PageFile.PageBytes, buffer.AsSpan(offset + done, PageFile.PageBytes));
            Position += PageFile.PageBytes;
        }
    }

    public override long Seek(long offset, SeekOrigin origin) => Position = origin switch
    {
        SeekOrigin.Begin => offset,
        SeekOrigin.Current => Position + offset,
        _ => Length + offset,
    };

    /// <summary>LiteDB only ever rounds down to whole pages, and the file has whole pages only.</summary>
    public override void SetLength(long value)
    {
        if (value != Length)
        {
            throw new NotSupportedException("The data file never shrinks.");
        }
    }
}
