using Microsoft.Extensions.Logging;
using Titer.Sdk;
[assembly: TiterPlugin("floods_output", SdkApi.Level, Summary = "Prints without measure, and without line ends.")]

namespace FloodsOutput;

public sealed class FloodsOutputDefense : IDefense
{
    public void Immunize(DefenseContext context)
    {
        var text = new string('x', 1 << 16);
        for (var i = 0; i < 200; i++)
        {
            Console.Out.Write(text);
            Console.Error.Write(text);
        }

        for (var i = 0; i < 3000; i++)
            context?.Log.LogInformation("line {Number} of far too many, each of them a little longer than anybody would want to read", i);
    }
}
