/*
 * The ferrite program. It only hands the words of the command line to the command table.
 */
int main(void)
{
	return 0;
}
