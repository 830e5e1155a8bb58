/*
 * The ferrite program. It only hands the words of the command line to the command table.
 */
#include "cli/cli.h"

int main(int argc, char **argv)
{
	return fer_cli_main(argc, argv);
}
