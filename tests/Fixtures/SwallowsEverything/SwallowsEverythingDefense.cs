using Titer.Sdk;
[assembly: TiterPlugin("swallows_everything", SdkApi.Level, Summary = "Never returns, whatever is thrown at it.")]

namespace SwallowsEverything;

public sealed class SwallowsEverythingDefense : IDefense
{
    public void Immunize(DefenseContext context)
    {
        while (true)
        {
            try
            {
                context?.Step();
            }
            catch (Exception)
            {
                // Also the exception that says that the budget is used up.
            }
        }
    }
}
